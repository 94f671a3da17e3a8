import { assertEquals, assertRejects } from "@std/assert";
import { eventually } from "../../tests/support/eventually.ts";
import { patiently } from "../../tests/support/patience.ts";
import { type Config, resolveConfig } from "../config/config.ts";
import { collectLog } from "../testing/collected_log.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { HookBus } from "../plugin/hooks.ts";
import { House } from "../testing/house.ts";
import { ToldTimings } from "../fanout/timings.ts";
import { WorkerPool } from "./pool.ts";

/** How a worker of a test begins: it tells where it is and with which delay it was started. */
const BEGIN = `
const say = (word) => postMessage({ type: "log", record: { message: [word] } });
const fail = () => postMessage({ type: "failed", message: "a test wants it" });
let index;
onmessage = ({ data }) => {
  if (data.type === "start") {
    index = data.index;
    say(index + " starts with " + data.config.maxDelayMs);
  }
  behave(data);
};
`;

/** A pool of two workers, each of which runs this code for the messages that it gets. */
class Stage implements Disposable {
  readonly clock = new FakeClock();
  readonly machine = new FakeClock();
  readonly logged = collectLog("debug", this.clock);
  readonly said: string[] = [];
  readonly pool: WorkerPool;

  constructor(behave: string, house = new House()) {
    this.pool = new WorkerPool({
      workers: 2,
      module: new URL(`data:application/javascript,${encodeURIComponent(BEGIN + behave)}`),
      config: settings(100),
      possible: { connections: 1000, backlog: 100, isKnown: true },
      plugins: [],
      clock: this.clock,
      machine: this.machine,
      hooks: new HookBus(this.logged.log, this.clock),
      addresses: () => [],
      host: {
        tell: () => {},
        log: this.logged.log,
        timings: new ToldTimings(),
        refused: new Map(),
        streams: new Map(),
        open: ({ protocol, remote }) => Promise.resolve(house.session(protocol, remote)),
        publish: (session, key) => house.streams.publish(session, key),
        play: (session, key) => house.streams.play(session, key),
        fetch: () => new Response(),
        say: ({ message }) => void this.said.push(message.join("")),
      },
      routes: () => [],
    });
  }

  /** Waits until the log has a line so often. */
  async line(text: string, times = 1): Promise<void> {
    const lines = () => this.logged.lines();
    const has = () => lines().filter((line) => line.includes(text)).length >= times;
    await eventually(has, () => `"${text}" is not logged ${times} times: ${lines().join("; ")}`);
  }

  [Symbol.dispose](): void {
    this.pool[Symbol.dispose]();
  }
}

function settings(maxDelayMs: number): Config {
  return resolveConfig({ plugins: [], code: { http: { host: "127.0.0.1", port: 0 }, maxDelayMs } }).config;
}

Deno.test("a worker that fails while others are still being set up fails the start", async () => {
  using stage = new Stage(`
    function behave({ type }) {
      if (type !== "start" || index > 0) return;
      postMessage({ type: "ready" });
      fail();
    }
  `);
  await assertRejects(() => patiently(stage.pool.begin(), () => "it still starts"), Error, "a test wants it");
});

Deno.test("a worker that starts while settings change is replaced by one with the new ones", async () => {
  using stage = new Stage(`
    function behave({ type, ask, config }) {
      if (type === "start") postMessage({ type: "ready" });
      if (type === "apply") say(index + " applies");
      if (!ask) return;
      postMessage({ type: "reply", ask, value: 8501 });
      if (type === "prepare" && index === 0) fail();
    }
  `);
  await stage.pool.begin();
  const apply = await stage.pool.prepare(settings(200), [["maxDelayMs"]]);
  await stage.line("Worker 1 failed");
  stage.clock.advance(1000);
  await stage.line("Worker 1 serves again");
  apply();
  await stage.line("Worker 1 failed", 2);
  stage.clock.advance(1000);
  await stage.line("Worker 1 serves again", 2);
  await eventually(() => stage.said.includes("1 applies"), "worker 2 is not told");
  assertEquals(stage.said.filter((word) => word.startsWith("0")), [
    "0 starts with 100",
    "0 starts with 100",
    "0 starts with 200",
  ]);
});

Deno.test("a worker that fails again and again is given more and more time, and the log says how much", async () => {
  using stage = new Stage(`
    function behave({ type, ask }) {
      if (type === "start") postMessage({ type: "ready" });
      if (!ask) return;
      postMessage({ type: "reply", ask, value: 8501 });
      if (index === 0) fail();
    }
  `);
  await stage.pool.begin();
  for (const seconds of [0.5, 1, 2, 4, 8, 16, 30, 30]) {
    const before = stage.said.length;
    await stage.line(`Worker 1 failed and is replaced in ${seconds} s: a test wants it`);
    stage.logged.records.length = 0;
    stage.clock.advance(seconds * 1000 - 1);
    assertEquals(stage.said.length, before);
    stage.clock.advance(1);
    await eventually(() => stage.said.length > before, "it is not started again");
  }
  assertEquals(stage.said.filter((word) => word.startsWith("1")).length, 1);
});

Deno.test("a publisher waits a second at most for word of the one before, of whose worker nothing is heard", async () => {
  const house = new House({ republish: "takeover" });
  using stage = new Stage(
    `
    const publish = () => {
      postMessage({ type: "open", ask: 1, session: 1, info: { protocol: "rtmp", remote: "", query: "" }, target: {} });
      const key = { vhost: "_", app: "live", name: "cam" };
      postMessage({ type: "publish", ask: 2, session: 1, number: 1, key, query: "" });
    };
    function behave({ type, ask }) {
      if (type === "start") postMessage({ type: "ready" });
      if (type === "admit" && index === 0) publish();
      if (type === "prepare" && index === 1) publish();
      if (ask && type !== "ending" && type !== "reply") postMessage({ type: "reply", ask, value: 8501 });
    }
  `,
    house,
  );
  await stage.pool.begin();
  stage.pool.open();
  await eventually(() => house.told.length === 1, "nothing is published");
  await stage.pool.prepare(settings(200), [["maxDelayMs"]]);
  await eventually(() => stage.clock.pending > 0, "the second publisher does not wait");
  stage.clock.advance(999);
  assertEquals(house.told, ["stream:start live/cam"]);
  stage.clock.advance(1);
  await eventually(() => house.told.length === 2, "the second publisher still waits");
  assertEquals(house.told, ["stream:start live/cam", "stream:resume live/cam"]);
});

Deno.test("workers that hang while they are set up fail the start after two minutes", async () => {
  using stage = new Stage("function behave() { for (;;); }");
  const beginning = stage.pool.begin();
  await eventually(() => stage.said.length === 2, "the workers do not start");
  const failing = assertRejects(
    () => patiently(beginning, () => "it still starts"),
    Error,
    "nothing was heard of it for 120 s",
  );
  stage.machine.advance(120_000);
  await failing;
  stage.pool[Symbol.dispose]();
  await stage.line("The worker that hung has ended", 2);
});
