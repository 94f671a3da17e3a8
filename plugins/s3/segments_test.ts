import { assert, assertEquals } from "@std/assert";
import { LEDGER_FILE } from "./open_ledger.ts";
import { film, Stage, type StageOptions } from "./testing/stage.ts";

const FOLDER = "mp4/live/cam/output_merge";
const MP4 = "mp4/live/cam/20260101_000000.mp4";

/** Writes live segments as their recorder does, one session after the other in the same folder. */
class Live {
  #segments: { uri: string; init: number; bytes: number }[] = [];

  constructor(readonly stage: Stage, readonly session: string, readonly seed: number) {}

  async begin(): Promise<void> {
    await this.#index("live");
    for await (const { name } of Deno.readDir(`${this.stage.folder}/${FOLDER}`)) {
      if (name !== "index.json") await Deno.remove(`${this.stage.folder}/${FOLDER}/${name}`);
    }
    await this.stage.write(`${FOLDER}/init.mp4`, film(100, this.seed));
  }

  async segment(): Promise<void> {
    const uri = `${this.#segments.length + 1}.m4s`;
    const bytes = film(1000, this.seed + this.#segments.length + 1);
    await this.stage.write(`${FOLDER}/${uri}`, bytes);
    this.#segments.push({ uri, init: 0, bytes: bytes.length });
    await this.#index("live");
    this.stage.tell("segment", `${FOLDER}/${uri}`);
  }

  async end(): Promise<void> {
    await this.#index("ended");
    await this.stage.write(MP4, film(2000));
    this.stage.tell("complete", MP4);
  }

  /** Fails unless the store has all of it. */
  assertSent(): void {
    const { store } = this.stage;
    const at = (name: string) => store.bytes(`${FOLDER}/${this.session}/${name}`);
    assertEquals(at("init.mp4"), film(100, this.seed));
    for (const [i, { uri }] of this.#segments.entries()) assertEquals(at(uri), film(1000, this.seed + i + 1));
    const index = JSON.parse(new TextDecoder().decode(at("index.json")));
    assertEquals([index.session, index.state, index.full], [this.session, "ended", undefined]);
    assertEquals(index.sources[0].segments, this.#segments);
  }

  async #index(state: string): Promise<void> {
    const merged = { name: "merged", inits: [{ uri: "init.mp4", type: "video/mp4" }], segments: this.#segments };
    // What is named has been written before.
    const sources = this.#segments.length > 0 ? [merged] : [];
    const index = { version: 1, session: this.session, state, full: "stream_full.mp4", sources };
    await this.stage.write(`${FOLDER}/.index`, JSON.stringify(index));
    await Deno.rename(`${this.stage.folder}/${FOLDER}/.index`, `${this.stage.folder}/${FOLDER}/index.json`);
  }
}

/** A stage on which whatever index is in the store, at any time, names only what is there too. */
async function open(options: StageOptions = {}): Promise<Stage> {
  const stage = await Stage.open({ s3: { what: ["segments"] }, ...options });
  stage.store.fault = () => {
    for (const [key, { bytes }] of stage.store.objects) {
      if (!key.endsWith("/index.json")) continue;
      const { sources } = JSON.parse(new TextDecoder().decode(bytes));
      for (const { uri } of [...sources[0].inits, ...sources[0].segments]) {
        assert(stage.store.objects.has(key.replace("index.json", uri)), `${uri} is not there yet`);
      }
    }
    return undefined;
  };
  return stage;
}

Deno.test("live segments go as they come, each session into a folder of its own", async () => {
  await using stage = await open();
  const first = new Live(stage, "20260101_000000", 1);
  await first.begin();
  await first.segment();
  await stage.asked(`PUT ${FOLDER}/20260101_000000/index.json`);
  await first.segment();
  await first.end();
  await stage.sent(`${FOLDER}/20260101_000000/index.json`);
  first.assertSent();
  const second = new Live(stage, "20260101_001000", 50);
  await second.begin();
  await second.segment();
  await second.end();
  await stage.sent(`${FOLDER}/20260101_001000/index.json`);
  for (const live of [first, second]) live.assertSent();
  assertEquals(await Array.fromAsync(Deno.readDir(`${stage.folder}/.s3/segments`)), []);
});

Deno.test("segments that the next session has replaced here before the store had them get there", async () => {
  await using stage = await open();
  const isPlayable = stage.store.fault;
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  const first = new Live(stage, "20260101_000000", 1);
  await first.begin();
  for (let i = 0; i < 3; i++) await first.segment();
  await stage.failed();
  await stage.kept(`${FOLDER}/20260101_000000/index.json`, 4);
  const second = new Live(stage, "20260101_001000", 50);
  await second.begin();
  await second.segment();
  await stage.kept(`${FOLDER}/20260101_001000/index.json`, 2);
  stage.store.fault = isPlayable;
  await stage.sent(`${FOLDER}/20260101_000000/index.json`);
  first.assertSent();
  await second.end();
  await stage.sent(`${FOLDER}/20260101_001000/index.json`);
  second.assertSent();
});

Deno.test("segments that a server has left when it ended go at the next start", async () => {
  await using stage = await open();
  const isPlayable = stage.store.fault;
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  const live = new Live(stage, "20260101_000000", 1);
  await live.begin();
  for (let i = 0; i < 3; i++) await live.segment();
  await stage.failed();
  await stage.kept(`${FOLDER}/20260101_000000/index.json`, 4);
  await stage.stop();
  await live.end();
  stage.store.fault = isPlayable;
  await stage.start();
  await stage.sent(`${FOLDER}/20260101_000000/index.json`);
  live.assertSent();
});

Deno.test("segments of which the ledger was lost are no other session's", async () => {
  await using stage = await open();
  const isPlayable = stage.store.fault;
  stage.store.fault = () => ({ status: 503, code: "SlowDown" });
  const lost = new Live(stage, "20260101_000000", 1);
  await lost.begin();
  await lost.segment();
  await stage.kept(`${FOLDER}/20260101_000000/index.json`, 2);
  await stage.stop();
  for await (const { name } of Deno.readDir(stage.folder)) {
    if (name.startsWith(LEDGER_FILE)) await Deno.remove(`${stage.folder}/${name}`);
  }
  const next = new Live(stage, "20260101_001000", 50);
  await next.begin();
  await stage.start();
  stage.store.fault = isPlayable;
  await next.segment();
  await next.end();
  await stage.sent(`${FOLDER}/20260101_001000/index.json`);
  next.assertSent();
});
