import { assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { Files } from "../../kernel/files/files.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { keepTidy, type Kept } from "../shared/recordings/retention.ts";
import type { SeenRequest } from "./testing/fake_store.ts";
import { film, FLV, PART, Stage } from "./testing/stage.ts";

const HOUR_MS = 3_600_000;

/** Begins a recording of which the second and the third part go while it is made. */
async function begin(stage: Stage): Promise<void> {
  await stage.write(FLV, film(3 * PART + 5000));
  stage.tell("open", FLV);
  await stage.asked(`PUT ${FLV}?partNumber=3`);
  await stage.server.settled();
}

Deno.test("a server that was stopped goes on where it was", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  await stage.stop();
  stage.store.seen.length = 0;
  await stage.start();
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.assertSame(FLV);
  assertEquals(stage.store.asked, [
    `PUT ${FLV}?partNumber=4`,
    `PUT ${FLV}?partNumber=1`,
    `POST ${FLV}?uploadId`,
    `HEAD ${FLV}`,
  ]);
});

Deno.test("what a repair has changed of what was sent is sent again", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  await stage.stop();
  stage.store.seen.length = 0;
  await Deno.truncate(join(stage.folder, FLV), 2 * PART + 7000);
  using file = await Deno.open(join(stage.folder, FLV), { write: true });
  await file.write(film(500, 9));
  await file.seek(PART + 10, Deno.SeekMode.Start);
  await file.write(film(500, 9));
  await stage.start();
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.assertSame(FLV);
  assertEquals(stage.store.asked.slice(0, 3), [1, 2, 3].map((part) => `PUT ${FLV}?partNumber=${4 - part}`));
});

Deno.test("a file that has become shorter than what was sent is sent anew", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  await stage.stop();
  await Deno.truncate(join(stage.folder, FLV), PART + 7000);
  await stage.start();
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.assertSame(FLV);
  assertEquals(stage.store.uploads.size, 0);
});

Deno.test("an upload of which the store knows nothing any more is begun anew", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  stage.store.uploads.clear();
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.assertSame(FLV);
});

Deno.test("so is one whose object we may not even look for where it is not there", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  stage.store.uploads.clear();
  const isHidden = ({ method, key }: SeenRequest) => method === "HEAD" && !stage.store.objects.has(key);
  stage.store.fault = (request) => isHidden(request) ? { status: 403, code: "AccessDenied" } : undefined;
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.assertSame(FLV);
});

Deno.test("an upload that was completed when nobody heard of it any more is not sent again", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  stage.store.fault = ({ query, method }) => query.has("uploadId") && method === "POST" ? "lost" : undefined;
  stage.tell("complete", FLV);
  await stage.failed();
  await stage.stop();
  assertEquals(stage.store.uploads.size, 0);
  stage.store.fault = () => undefined;
  stage.store.seen.length = 0;
  await stage.start();
  await stage.sent(FLV);
  await stage.assertSame(FLV);
  assertEquals(stage.store.asked, [`POST ${FLV}?uploadId`, `HEAD ${FLV}`]);
});

Deno.test("an upload of whose beginning the server that was killed had not heard is given up", async () => {
  await using stage = await Stage.open();
  stage.store.fault = ({ query }) => query.has("uploads") ? "hang" : undefined;
  await stage.write(FLV, film(2 * PART));
  stage.tell("open", FLV);
  await stage.asked(`POST ${FLV}?uploads`);
  await stage.stop();
  stage.store.uploads.set("unheard", { key: FLV, headers: {}, parts: new Map() });
  stage.store.fault = () => undefined;
  await stage.start();
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.assertSame(FLV);
  assertEquals([...stage.store.uploads.keys()], []);
});

Deno.test("a recording that no recorder completes after a crash goes as it is", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  await stage.stop();
  await stage.start();
  await stage.sentInTime(FLV);
  assertGreaterOrEqual(stage.server.clock.now(), 60_000);
  await stage.assertSame(FLV);
});

Deno.test("a recording of whose end nobody has told goes at the next start, and one from before is left alone", async () => {
  await using stage = await Stage.open();
  await stage.stop();
  const [before, mp4, playlist] = [
    "flv/live/cam/20250101_000000.flv",
    "mp4/live/cam/20260101_000000.mp4",
    "hls/live/cam/20260101_000000/index.m3u8",
  ];
  await stage.write(before, film(1000));
  await Deno.utime(join(stage.folder, before), new Date("2025-12-31"), new Date("2025-12-31"));
  await stage.write(mp4, film(1000));
  await stage.write(playlist.replace("index.m3u8", "0.ts"), film(1000));
  await stage.write(playlist, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n0.ts\n#EXT-X-ENDLIST\n");
  await stage.start();
  await stage.sent(mp4);
  await stage.sent(playlist);
  assertEquals([...stage.store.objects.keys()].sort(), [playlist.replace("index.m3u8", "0.ts"), playlist, mp4]);
  await stage.stop();
  await stage.start({ s3: { existing: true } });
  await stage.sent(before);
  await stage.assertSame(before);
});

Deno.test("a recording that is completed once more is sent again when it has changed, and not otherwise", async () => {
  await using stage = await Stage.open();
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  stage.tell("complete", FLV);
  await stage.server.settled();
  assertEquals(stage.store.asked, [`PUT ${FLV}`]);
  await stage.write(FLV, film(2000));
  stage.tell("complete", FLV);
  await stage.asked(`PUT ${FLV}`, 2);
  await stage.server.settled();
  await stage.assertSame(FLV);
});

Deno.test("a recording that is removed while it goes is given up, in the store too", async () => {
  await using stage = await Stage.open();
  await begin(stage);
  assertEquals(stage.store.uploads.size, 1);
  await Deno.remove(join(stage.folder, FLV));
  stage.tell("remove", FLV, "api");
  await stage.asked(`DELETE ${FLV}?uploadId`);
  await stage.server.settled();
  assertEquals(stage.store.uploads.size, 0);
  stage.look();
  await stage.stop();
  stage.store.seen.length = 0;
  await stage.start();
  await stage.server.settled();
  assertEquals(stage.store.asked, []);
});

Deno.test("while the disk takes nothing more recordings stay here that could not be noted, and they go when it does", async () => {
  await using stage = await Stage.open();
  await stage.stop();
  let isFull = true;
  const files: Files = {
    ...systemFiles,
    replace: (path, content) =>
      isFull && path.endsWith("/start")
        ? Promise.reject(new Error("No space left on device"))
        : systemFiles.replace(path, content),
  };
  await stage.write(FLV, film(1000));
  await stage.start({ files, late: [tapes()], s3: { existing: true } });
  for (let minute = 0; minute < 10; minute++) {
    stage.server.clock.advance(60_000);
    await stage.server.settled();
  }
  assertEquals((await Deno.stat(join(stage.folder, FLV))).size, 1000);
  const said = stage.lines.filter((line) => line.includes("No space left on device; they stay here"));
  assertEquals(said.length, 1, "it is said once");
  isFull = false;
  await stage.sentInTime(FLV);
  assertEquals(stage.store.bytes(FLV), film(1000));
});

Deno.test("what is known of uploads and cannot be read is put aside", async () => {
  await using stage = await Stage.open();
  await stage.stop();
  await stage.write("s3.sqlite", "this is none");
  for (const suffix of ["-wal", "-shm"]) await Deno.remove(join(stage.folder, `s3.sqlite${suffix}`)).catch(() => {});
  await stage.start();
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  assertEquals(await Deno.readTextFile(join(stage.folder, "s3.sqlite.broken")), "this is none");
});

/** A sink that keeps a recording for no time at all. */
const tapes = definePlugin({
  name: "tapes",
  setup: (ctx) => {
    const tape: Kept = { stream: "live/cam", paths: [FLV], bytes: 1000, date: new Date(0) };
    const limits = { keepDays: 1, keepBytes: 0, minFreeBytes: 0 };
    keepTidy(ctx, { name: "tapes", limits: () => limits, list: () => Promise.resolve([tape]) });
  },
});

Deno.test("a recording that is too old to be kept stays until the store has it", async () => {
  await using stage = await Stage.open();
  await stage.stop();
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  await stage.write(FLV, film(1000));
  await stage.start({ late: [tapes()], s3: { existing: true } });
  await stage.failed();
  stage.server.clock.advance(120_000);
  await stage.asked(`PUT ${FLV}`, 2);
  assertEquals((await Deno.stat(join(stage.folder, FLV))).size, 1000);
  stage.store.fault = () => undefined;
  await stage.sent(FLV);
  await stage.goes();
  assertEquals(stage.store.bytes(FLV), film(1000));
});

Deno.test("files are removed here some time after the store has confirmed them, with their other names", async () => {
  await using stage = await Stage.open({ s3: { keepLocalHours: 2 } });
  const index = join(stage.folder, "flv/live/cam/index.flv");
  await stage.write(FLV, film(1000));
  await Deno.link(join(stage.folder, FLV), index);
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  stage.server.clock.advance(2 * HOUR_MS - 10_000);
  await stage.server.settled();
  assertEquals((await Deno.stat(index)).size, 1000);
  await stage.goes();
  const { by, path } = await stage.server.event("artifact:remove");
  assertEquals([by, path], ["s3", FLV]);
  assertEquals(await Array.fromAsync(Deno.readDir(join(stage.folder, "flv"))), []);
});

Deno.test("a file that has changed since it was sent is sent again before it is removed here", async () => {
  await using stage = await Stage.open({ s3: { keepLocalHours: 0 } });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.write(FLV, film(2000));
  await stage.goes();
  assertEquals(stage.store.bytes(FLV), film(2000));
});

Deno.test("other credentials and wishes count at once, another store after a new start", async () => {
  await using stage = await Stage.open({ s3: { streams: ["live/other"] } });
  await stage.write(FLV, film(1000));
  stage.tell("complete", FLV);
  assertEquals(await stage.reload({ s3: { accessKeyId: "OTHER", prefix: "new", keepLocalHours: 0 } }), []);
  stage.tell("complete", FLV);
  await stage.sent(FLV);
  await stage.goes();
  assertEquals(stage.store.asked, [`PUT new/${FLV}`]);
  assertMatch(stage.store.seen[0].headers.authorization ?? "", /Credential=OTHER\//);
  assertEquals(await stage.reload({ s3: { bucket: "tapes", region: "eu-west-1" } }), ["s3.bucket", "s3.region"]);
});
