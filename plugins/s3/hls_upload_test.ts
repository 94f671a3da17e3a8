import { assert, assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { listingOf } from "./playlist.ts";
import { film, Stage, type StageOptions } from "./testing/stage.ts";

const SESSION = "hls/live/cam/20260101_000000";
const PLAYLIST = `${SESSION}/index.m3u8`;
const HEAD = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MAP:URI="init-0.mp4"\n';

/** Records a session as its recorder does: the file, then the line that names it, then the news. */
class Session {
  #count = 0;

  constructor(readonly stage: Stage) {}

  /** Begins, with the playlist that leads to it. */
  async begin(): Promise<void> {
    const { stage } = this;
    await stage.write(PLAYLIST, "");
    stage.tell("open", PLAYLIST);
    await stage.write(`${SESSION}/init-0.mp4`, film(300));
    await stage.write(PLAYLIST, HEAD, { append: true });
    await stage.write(
      "hls/live/cam/record.m3u8",
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n20260101_000000/index.m3u8\n",
    );
    await this.segment();
  }

  async segment(): Promise<void> {
    const name = `${this.#count++}.m4s`;
    await this.stage.write(`${SESSION}/${name}`, film(1000, this.#count));
    await this.stage.write(PLAYLIST, `#EXTINF:2,\n${name}\n`, { append: true });
    this.stage.tell("segment", PLAYLIST);
  }

  async end(): Promise<void> {
    const text = await Deno.readTextFile(`${this.stage.folder}/${PLAYLIST}`);
    await this.stage.write(PLAYLIST, `${text.replace("EVENT", "VOD")}#EXT-X-ENDLIST\n`);
    this.stage.tell("complete", PLAYLIST);
  }

  /** Fails unless all is in the store that is here. */
  async assertSame(): Promise<void> {
    for await (const { name } of Deno.readDir(`${this.stage.folder}/${SESSION}`)) {
      await this.stage.assertSame(`${SESSION}/${name}`);
    }
    await this.stage.assertSame("hls/live/cam/record.m3u8");
  }
}

/** A stage on which whatever playlist is in the store, at any time, names only what is there too. */
async function open(options: StageOptions = {}): Promise<Session> {
  const stage = await Stage.open(options);
  stage.store.fault = () => {
    for (const [key, { bytes }] of stage.store.objects) {
      if (!key.endsWith("/index.m3u8")) continue;
      const { files } = listingOf(new TextDecoder().decode(bytes));
      for (const file of files) assert(stage.store.objects.has(`${dirname(key)}/${file}`), `${file} is not there yet`);
    }
    return undefined;
  };
  return new Session(stage);
}

Deno.test("a recorded session goes segment by segment, and its playlist after each", async () => {
  const session = await open();
  await using stage = session.stage;
  await session.begin();
  await stage.asked("PUT hls/live/cam/record.m3u8");
  await session.segment();
  await stage.asked(`PUT ${PLAYLIST}`, 2);
  await session.end();
  await stage.sent(PLAYLIST);
  await session.assertSame();
  assertEquals(stage.store.asked.map((each) => each.replace(`${SESSION}/`, "")), [
    "PUT init-0.mp4",
    "PUT 0.m4s",
    "PUT index.m3u8",
    "PUT hls/live/cam/record.m3u8",
    "PUT 1.m4s",
    "PUT index.m3u8",
    "PUT index.m3u8",
  ]);
  const headers = (name: string) => {
    const { headers } = stage.store.objects.get(`${SESSION}/${name}`)!;
    return [headers["content-type"], headers["cache-control"]];
  };
  assertEquals(headers("index.m3u8"), ["application/vnd.apple.mpegurl", "no-cache"]);
  assertEquals(headers("0.m4s"), ["video/iso.segment", "public, max-age=31536000, immutable"]);
});

Deno.test("after an outage a session comes on in steps that can be played, and is whole at its end", async () => {
  const session = await open();
  await using stage = session.stage;
  const isPlayable = stage.store.fault;
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  await session.begin();
  await stage.failed();
  for (let i = 0; i < 25; i++) await session.segment();
  stage.store.fault = isPlayable;
  stage.server.clock.advance(1000);
  await stage.asked(`PUT ${PLAYLIST}`, 3);
  await session.end();
  await stage.sent(PLAYLIST);
  await session.assertSame();
});

Deno.test("a session that a crash has ended goes on with what is missing, and is what its repair makes of it", async () => {
  const session = await open();
  await using stage = session.stage;
  await session.begin();
  await stage.asked("PUT hls/live/cam/record.m3u8");
  await stage.server.settled();
  await stage.stop();
  await session.stage.write(`${SESSION}/1.m4s`, film(1000, 2));
  await session.stage.write(PLAYLIST, "#EXTINF:2,\n1.m4s\n#EXTINF:2,\n2.m", { append: true });
  stage.store.seen.length = 0;
  await stage.start();
  await stage.asked(`PUT ${PLAYLIST}`);
  await session.stage.write(PLAYLIST, `${HEAD}#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST\n`);
  stage.tell("complete", PLAYLIST);
  await stage.sent(PLAYLIST);
  await session.assertSame();
  assertEquals(stage.store.asked.filter((each) => each.endsWith(".m4s")), [`PUT ${SESSION}/1.m4s`]);
});

Deno.test("a session's folder is removed here some time after all of it is in the store", async () => {
  const session = await open({ s3: { keepLocalHours: 1 } });
  await using stage = session.stage;
  await session.begin();
  await session.end();
  await stage.sent(PLAYLIST);
  stage.server.clock.advance(3_600_000);
  await stage.goes();
  assertEquals((await stage.server.event("artifact:remove")).path, SESSION);
  assertEquals(await Array.fromAsync(Deno.readDir(`${stage.folder}/hls`)), []);
});

Deno.test("a session that is removed while it goes is given up", async () => {
  const session = await open();
  await using stage = session.stage;
  await session.begin();
  await stage.asked("PUT hls/live/cam/record.m3u8");
  await Deno.remove(`${stage.folder}/${SESSION}`, { recursive: true });
  stage.tell("segment", PLAYLIST);
  await stage.server.settled();
  stage.tell("complete", PLAYLIST);
  await stage.server.settled();
  assertEquals(stage.isWaiting, false);
});

Deno.test("a segment that is missing here is given up after some tries, in words, and the rest gets to the store", async () => {
  await using stage = await Stage.open({ s3: { what: ["hls"] } });
  const session = new Session(stage);
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  await session.begin();
  for (let i = 0; i < 2; i++) await session.segment();
  await session.end();
  await Deno.remove(`${stage.folder}/${SESSION}/1.m4s`);
  stage.store.fault = () => undefined;
  await stage.sent(PLAYLIST);
  const text = new TextDecoder().decode(stage.store.bytes(PLAYLIST));
  assertEquals(listingOf(text).files, ["init-0.mp4", "0.m4s", "2.m4s"]);
  assert(text.endsWith("#EXT-X-DISCONTINUITY\n#EXTINF:2,\n2.m4s\n#EXT-X-ENDLIST\n"), text);
  const said = stage.lines.filter((line) => line.startsWith("warning") && line.includes("goes without"));
  assertEquals(said, [`warning ${PLAYLIST} goes without ${SESSION}/1.m4s, which is not there any more`]);
});
