import { assertEquals, assertLess } from "@std/assert";
import type { PullClient } from "../kernel/sessions/client.ts";
import { eventually } from "./support/eventually.ts";
import { assertHeapKept, assertReleased, heapInUse } from "./support/held.ts";
import { first, StormStage, WAYS, write } from "./support/storm_stage.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { connectTo, heldOver, type WorkerName } from "./support/workers.ts";

/** How often a crowd, or a publisher, drops and returns. */
const STORMS = 100;

/** Viewers of each protocol. */
const CROWD = 10;

/** How many names come and go, and how many of them at once. */
const NAMES = 900;
const AT_ONCE = 30;

/** After this part of the rounds caches are full, and code is compiled. */
const WARM_UP = 0.3;

Deno.test("a crowd that drops and returns at once, a hundred times, leaves nothing behind", async () => {
  await using stage = await StormStage.start();
  const push = await stage.push("live/cam", "rtmp");
  await write(push, new StreamMaker());
  await eventually(() => stage.server.streams.size === 1, "nothing is published");
  const storm = async (isKicked: boolean) => {
    const pulls = WAYS.flatMap((way) => Array.from({ length: CROWD }, () => stage.pull("live/cam", way)));
    const crowd = await Promise.all(pulls);
    await Promise.all(crowd.map(first));
    if (isKicked) {
      for (const session of [...stage.server.sessions]) if (session.protocol !== "rtmp") session.close("kicked");
    }
    for (const viewer of crowd) viewer.destroy();
    await eventually(() => stage.server.streams.get("live/cam")?.viewers === 0, "viewers stay");
  };
  await storm(false);
  await eventually(() => stage.server.sessions.size === 1, "sessions stay");
  const before = stage.held();
  let heap = 0;
  for (let i = 0; i < STORMS; i++) {
    if (i === STORMS * WARM_UP) heap = heapInUse();
    await storm(i % 3 === 2);
  }
  await assertReleased(() => stage.held(), before);
  assertHeapKept(heap, STORMS * (1 - WARM_UP) * CROWD * WAYS.length, 500);
  await push.close();
});

/** A viewer that keeps nothing but what is wrong. */
class Watcher {
  keys = 0;
  readonly faults: string[] = [];
  readonly done: Promise<void>;
  readonly #times = { video: 0, audio: 0, data: 0 };
  readonly #viewer: PullClient;

  constructor(viewer: PullClient) {
    this.#viewer = viewer;
    this.done = this.#watch();
  }

  async leave(): Promise<void> {
    this.#viewer.destroy();
    await this.done;
  }

  async #watch(): Promise<void> {
    for await (const { kind, role, dts } of this.#viewer) {
      if (role === "key") this.keys++;
      if (kind === "data" || role === "config") continue;
      if (dts < this.#times[kind]) this.faults.push(`${kind} of ${dts} after ${this.#times[kind]}`);
      this.#times[kind] = dts;
    }
  }
}

Deno.test("a publisher that drops and returns at once, a hundred times: viewers stay, and nothing is left behind", async () => {
  await using stage = await StormStage.start();
  let push = await stage.push("live/cam", "rtmp");
  await write(push, new StreamMaker());
  const viewers = await Promise.all(WAYS.map(async (way) => new Watcher(await stage.pull("live/cam", way))));
  const seen = (keys: number) =>
    eventually(() => viewers.every((viewer) => viewer.keys >= keys), "a picture is missing");
  const storm = async (i: number) => {
    const keys = Math.max(...viewers.map((viewer) => viewer.keys));
    push.destroy();
    push = await stage.push("live/cam", WAYS[i % WAYS.length]);
    await write(push, new StreamMaker({ seed: i + 1 }));
    await seen(keys + 1);
  };
  await seen(1);
  for (let i = 0; i < WAYS.length; i++) await storm(i);
  const before = stage.held();
  let heap = 0;
  for (let i = 0; i < STORMS; i++) {
    if (i === STORMS * WARM_UP) heap = heapInUse();
    await storm(i);
  }
  await assertReleased(() => stage.held(), before);
  assertHeapKept(heap, STORMS * (1 - WARM_UP), 4000);
  assertEquals(viewers.map(({ faults }) => faults), [[], [], []]);
  for (const viewer of viewers) await viewer.leave();
  await push.close();
});

const WORKERS: readonly WorkerName[] = ["worker 1", "worker 2"];

Deno.test("a crowd and a publisher that drop and return by way of two workers, a hundred times, leave nothing behind in any", async () => {
  await using stage = await StormStage.start({ workers: WORKERS.length });
  const lines = await Promise.all(WORKERS.map((worker) => connectTo(stage, worker)));
  const held = (options = {}) => Promise.all(lines.map((line) => heldOver(line, options)));
  let push = await stage.push("live/cam", "rtmp");
  await write(push, new StreamMaker());
  const storm = async (i: number) => {
    const crowd = await Promise.all([...WAYS, ...WAYS].map((way) => stage.pull("live/cam", way)));
    await Promise.all(crowd.map(first));
    push.destroy();
    push = await stage.push("live/cam", WAYS[i % WAYS.length]);
    await write(push, new StreamMaker({ seed: i + 1 }));
    for (const viewer of crowd) viewer.destroy();
    await eventually(() => stage.server.streams.get("live/cam")?.viewers === 0, "viewers stay");
  };
  for (let i = 0; i < WAYS.length; i++) await storm(i);
  await eventually(() => stage.server.sessions.size === 1, "sessions stay");
  const before = stage.held();
  let heaps = [0, 0];
  for (let i = 0; i < STORMS; i++) {
    if (i === STORMS * WARM_UP) heaps = (await held({ heap: true })).map(({ heap }) => heap);
    await storm(i);
  }
  await assertReleased(() => stage.held(), before);
  for (const [i, { heap }] of (await held({ heap: true })).entries()) {
    assertLess((heap - heaps[i]) / (STORMS * (1 - WARM_UP)), 15_000, `${WORKERS[i]} keeps something of every storm`);
  }
  await push.close();
  const isReleased = async () => (await held()).every(({ sessions, streams }) => sessions + streams === 0);
  await eventually(isReleased, "a worker still holds something");
  assertEquals([stage.server.sessions.size, stage.server.streams.size], [0, 0]);
});

/** Publishes under a name, plays it, and leaves it in one way or another. */
async function live(number: number, origin: StormStage, edge: StormStage): Promise<void> {
  const path = `live/name-${number}`;
  const way = WAYS[number % WAYS.length];
  const push = await origin.push(path, way);
  await write(push, new StreamMaker({ gopPictures: 3 }));
  await eventually(() => origin.server.streams.get(path)?.hasVideo === true, `${path} is not published`);
  const pull = await (number % 3 === 0 ? edge : origin).pull(path, WAYS[(number >> 1) % WAYS.length]);
  await first(pull);
  if (number % 2 === 0) pull.destroy();
  if (number % 5 === 0) push.destroy();
  else await push.close();
  pull.destroy();
}

Deno.test("hundreds of names come and go, through an edge too, and nothing of them is left", async () => {
  await using origin = await StormStage.start();
  await using edge = await StormStage.start({ upstreams: [`rtmp://127.0.0.1:${origin.port}/{app}/{stream}`] });
  const held = () => [origin.held(), edge.held()];
  const round = async (number: number) => {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => live(number + i, origin, edge)));
    // Publishers that vanished are waited for, and an edge keeps what was watched a while.
    for (const { clock } of [origin, edge]) await clock.advanceAsync(60_000, 1000);
    await eventually(() => held().every(({ streams }) => streams === 0), "a stream is left");
  };
  await round(0);
  const before = held();
  let heap = 0;
  for (let number = AT_ONCE; number < NAMES; number += AT_ONCE) {
    if (number === NAMES * WARM_UP) heap = heapInUse();
    await round(number);
  }
  for (const i of before.keys()) await assertReleased(() => held()[i], before[i]);
  assertHeapKept(heap, NAMES * (1 - WARM_UP), 1500);
});
