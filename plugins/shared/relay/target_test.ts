import { assertEquals, assertNotMatch } from "@std/assert";
import { ClientError, type PushClient, type StreamClients } from "../../../kernel/sessions/client.ts";
import { House, write } from "../../../kernel/testing/house.ts";
import { settled } from "../../../kernel/testing/settled.ts";
import { Target } from "./target.ts";

/** A connection to a server of a few lines. */
class FakePush implements PushClient {
  readonly #closed = Promise.withResolvers<{ code: string; message: string }>();
  readonly closed = this.#closed.promise;
  written = 0;
  /** Given to a writer who is to wait. */
  room?: Promise<void>;

  write(): Promise<void> | undefined {
    this.written++;
    return this.room;
  }

  /** The server is gone. */
  lose(code = "lost"): void {
    this.#closed.resolve({ code, message: "the server went" });
  }

  close(): Promise<void> {
    this.lose("left");
    return Promise.resolve();
  }

  destroy(): void {
    this.lose("left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A live stream, and servers that answer as the test wants. */
class Stage implements AsyncDisposable {
  readonly house = new House();
  readonly pushes: FakePush[] = [];
  /** When each attempt began, in seconds. */
  readonly dialled: number[] = [];
  answer: () => Promise<FakePush> | FakePush = () => new FakePush();
  target?: Target;

  async start(url = "rtmp://there/live/cam") {
    const publication = await this.house.publish();
    write(publication, "V0 K0");
    const clients: StreamClients = {
      add: () => ({ [Symbol.dispose]: () => {} }),
      for: () => ({
        schemes: ["rtmp"],
        pull: () => Promise.reject(new Error("no")),
        push: (_, options) => this.#push(options?.signal),
      }),
    };
    const { clock, logged: { log } } = this.house;
    this.target = new Target(publication.stream, url, { clients, clock, log, random: () => 0 });
    await settled();
    return { publication, target: this.target };
  }

  /** Time goes on, and what hangs on it. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left--) {
      this.house.clock.advance(1000);
      await settled();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target?.[Symbol.asyncDispose]();
    this.house.streams.close();
    assertEquals(this.house.clock.pending, 0);
  }

  async #push(signal?: AbortSignal): Promise<PushClient> {
    this.dialled.push(this.house.clock.now() / 1000);
    const aborted = Promise.withResolvers<never>();
    signal?.addEventListener("abort", () => aborted.reject(signal.reason));
    const push = await Promise.race([this.answer(), aborted.promise]);
    this.pushes.push(push);
    return push;
  }
}

/** Seconds from each attempt to the next. */
function pauses(times: readonly number[]): number[] {
  return times.slice(1).map((time, at) => time - times[at]);
}

function unreachable(): ClientError {
  return new ClientError("unreachable", "nobody is there");
}

Deno.test("a server that does not answer is asked ever more seldom, however long it takes to fail", async () => {
  await using stage = new Stage();
  stage.answer = () => {
    const { promise, reject } = Promise.withResolvers<FakePush>();
    stage.house.clock.setTimeout(() => reject(new ClientError("timeout", "no answer")), 10_000);
    return promise;
  };
  const { publication } = await stage.start();
  using _alive = everySecond(stage, () => write(publication, `K${stage.house.clock.now()}`));
  await stage.pass(200);
  assertEquals(pauses(stage.dialled), [11, 12, 14, 18, 26, 40, 40]);
  stage.answer = () => Promise.reject(unreachable());
  await stage.pass(10);
});

Deno.test("two that take a server from each other do so ever more seldom, and never again every second", async () => {
  await using stage = new Stage();
  const { publication } = await stage.start();
  using _alive = everySecond(stage, () => write(publication, `K${stage.house.clock.now()}`));
  for (let seconds = 0; seconds < 900; seconds++) {
    const push = stage.pushes.at(-1)!;
    const pause = pauses(stage.dialled).at(-1) ?? 1;
    if (stage.house.clock.now() / 1000 - stage.dialled.at(-1)! >= Math.min(pause, 30)) push.lose();
    await stage.pass(1);
  }
  assertEquals(pauses(stage.dialled).slice(-3).every((pause) => pause >= 30), true, String(pauses(stage.dialled)));
});

for (
  const { what, error, first, again } of [
    { what: "failure", error: unreachable, first: 1, again: 2 },
    { what: "refusal", error: () => new ClientError("403", "no"), first: 10, again: 10 },
  ]
) {
  Deno.test(`after a good connection a ${what} is again followed by a short pause`, async () => {
    await using stage = new Stage();
    let failures = 3;
    stage.answer = () => failures-- > 0 ? Promise.reject(error()) : new FakePush();
    const { publication } = await stage.start();
    using _alive = everySecond(stage, () => write(publication, `K${stage.house.clock.now()}`));
    await stage.pass(first * 7 + 200);
    assertEquals(pauses(stage.dialled), [first, first * 2, first * 4]);
    failures = 1;
    stage.pushes.at(-1)!.lose();
    await settled();
    await stage.pass(1 + again);
    assertEquals(stage.dialled.length, 6);
    assertEquals(pauses(stage.dialled).at(-1), again);
  });
}

Deno.test("a server that takes nothing for long is left and dialled anew", async () => {
  await using stage = new Stage();
  stage.answer = () => {
    const push = new FakePush();
    if (stage.pushes.length === 0) push.room = new Promise(() => {});
    return push;
  };
  const { publication, target } = await stage.start();
  using _alive = everySecond(stage, () => write(publication, `K${stage.house.clock.now()}`));
  await stage.pass(25);
  assertEquals([target.state, stage.dialled.length], ["live", 2]);
});

Deno.test("a target's bit rate is that of its last seconds, and none while nothing goes there", async () => {
  await using stage = new Stage();
  const { publication, target } = await stage.start();
  using _alive = everySecond(stage, () => write(publication, `K${stage.house.clock.now()}=${"x".repeat(1000)}`));
  await stage.pass(20);
  assertEquals(target.toJSON().bitrate, 8000);
  stage.answer = () => Promise.reject(unreachable());
  stage.pushes[0].lose();
  await settled();
  const { state, bitrate, bytes } = target.toJSON();
  assertEquals([state, bitrate, bytes > 20_000], ["waiting", 0, true]);
  stage.answer = () => new FakePush();
  await stage.pass(10);
  assertEquals(target.toJSON().bitrate, 8000);
});

Deno.test("the stream key of a platform, which is the end of an address, is never shown", async () => {
  await using stage = new Stage();
  stage.answer = () => Promise.reject(unreachable());
  const { target } = await stage.start("rtmp://platform/live2/abcd-efgh?backup=1");
  assertEquals(target.toJSON().address, "rtmp://platform/live2/***");
  assertNotMatch(JSON.stringify(stage.house.logged.records), /abcd/);
});

/** Something every second of the house's time. */
function everySecond({ house: { clock } }: Stage, callback: () => void): Disposable {
  let timer = clock.setTimeout(function tick() {
    callback();
    timer = clock.setTimeout(tick, 1000);
  }, 1000);
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
