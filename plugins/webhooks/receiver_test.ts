import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Outbox } from "./outbox.ts";
import { Receiver } from "./receiver.ts";

/** A backend of a few lines, and what it got. */
class Backend {
  readonly got: string[] = [];
  /** Throws for messages that it does not want now. */
  accept: (body: string) => void | Promise<void> = () => {};

  readonly deliver = async (body: string): Promise<void> => {
    await this.accept(body);
    this.got.push(body);
  };
}

class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly logged = collectLog("debug", this.clock);
  readonly backend = new Backend();
  readonly receivers: Receiver[] = [];

  constructor(readonly outbox = new Outbox(":memory:")) {}

  receiver(name = "backend", deliver = this.backend.deliver, giveUpMs = 60_000, maxWaiting?: number): Receiver {
    const { outbox, clock, logged: { log } } = this;
    const options = { name, outbox, clock, log, deliver, giveUpMs, maxWaiting, random: () => 1 };
    const receiver = new Receiver(options);
    this.receivers.push(receiver);
    return receiver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const receiver of this.receivers) await receiver[Symbol.asyncDispose]();
    this.outbox[Symbol.dispose]();
    assertEquals(this.clock.pending, 0);
  }
}

Deno.test("messages are delivered in order and leave the outbox", async () => {
  await using stage = new Stage();
  const receiver = stage.receiver();
  for (const body of ["a", "b", "c"]) receiver.put("live/cam", body);
  assertEquals(stage.outbox.waiting("backend").length, 3);
  await settled();
  assertEquals([stage.backend.got, stage.outbox.waiting("backend")], [["a", "b", "c"], []]);
});

Deno.test("a message that fails is tried again ever more seldom, and holds back its own lane alone", async () => {
  await using stage = new Stage();
  let tries = 0;
  stage.backend.accept = (body) => {
    if (body !== "a1" || ++tries > 4) return;
    throw new Error("not now");
  };
  const receiver = stage.receiver();
  receiver.put("a", "a1");
  receiver.put("a", "a2");
  receiver.put("b", "b1");
  await settled();
  assertEquals(stage.backend.got, ["b1"]);
  for (const ms of [1000, 2000, 4000]) {
    stage.clock.advance(ms - 1);
    await settled();
    const before = tries;
    stage.clock.advance(1);
    await settled();
    assertEquals(tries, before + 1);
  }
  receiver.put("a", "a3");
  stage.clock.advance(8000);
  await settled();
  assertEquals(stage.backend.got, ["b1", "a1", "a2", "a3"]);
  assertEquals(stage.logged.lines(), [
    "warning backend does not take messages: not now; they wait and are tried again",
    "info backend takes messages again",
  ]);
});

Deno.test("a message that nobody takes is given up and kept for people, and the lane goes on", async () => {
  await using stage = new Stage();
  stage.backend.accept = (body) => {
    if (body === "a1") throw new Error("never");
  };
  const receiver = stage.receiver();
  receiver.put("a", "a1");
  receiver.put("a", "a2");
  for (let i = 0; i < 60; i++) {
    stage.clock.advance(1000);
    await settled();
  }
  assertEquals(stage.backend.got, ["a2"]);
  const [dead] = stage.outbox.dead(0, 10);
  assertEquals([stage.outbox.deadCount, dead.body, dead.problem, dead.receiver], [1, "a1", "never", "backend"]);
  assert(dead.attempts > 3 && dead.diedAt > dead.since);
  stage.outbox.forgetDead();
  assertEquals(stage.outbox.deadCount, 0);
});

Deno.test("a receiver that hangs does not keep another one waiting", async () => {
  await using stage = new Stage();
  const hanging = Promise.withResolvers<void>();
  const stuck = stage.receiver("stuck", () => hanging.promise);
  const well = stage.receiver("well");
  for (let i = 0; i < 20; i++) {
    stuck.put(`lane ${i}`, "x");
    well.put(`lane ${i}`, String(i));
  }
  await settled();
  assertEquals(stage.backend.got.length, 20);
  hanging.resolve();
  await settled();
  assertEquals(stage.outbox.waiting("stuck"), []);
});

Deno.test("at most eight messages are on their way to a receiver at once", async () => {
  await using stage = new Stage();
  let now = 0;
  let most = 0;
  const receiver = stage.receiver("backend", async () => {
    most = Math.max(most, ++now);
    await settled();
    now--;
  });
  for (let i = 0; i < 50; i++) receiver.put(`lane ${i}`, "x");
  await receiver.idle();
  assertEquals([most, stage.outbox.waiting("backend").length], [8, 0]);
});

Deno.test("what is not delivered when the process ends is delivered by the next one, in order", async () => {
  const path = await Deno.makeTempFile({ suffix: ".sqlite" });
  try {
    {
      await using stage = new Stage(new Outbox(path));
      stage.backend.accept = () => {
        throw new Error("down");
      };
      const receiver = stage.receiver();
      for (const body of ["a", "b"]) receiver.put("live/cam", body);
      await settled();
    }
    await using stage = new Stage(new Outbox(path));
    assertEquals(stage.outbox.receivers(), ["backend"]);
    stage.receiver().put("live/cam", "c");
    await settled();
    assertEquals(stage.backend.got, ["a", "b", "c"]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("whatever fails and however often, nothing is lost and each lane is in order", async () => {
  const lanes = fc.array(fc.nat(3), { maxLength: 30 });
  const failures = fc.array(fc.boolean(), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(lanes, failures, async (puts, fails) => {
      await using stage = new Stage();
      let calls = 0;
      stage.backend.accept = () => {
        if (fails[calls++]) throw new Error("not now");
      };
      const receiver = stage.receiver();
      puts.forEach((lane, i) => receiver.put(String(lane), `${lane} ${i}`));
      for (let i = 0; i < 1000 && stage.outbox.waiting("backend").length > 0; i++) {
        await settled();
        stage.clock.advance(600);
      }
      await settled();
      const all = stage.backend.got.concat(stage.outbox.dead(0, 100).map(({ body }) => body));
      assertEquals(all.toSorted(), puts.map((lane, i) => `${lane} ${i}`).toSorted());
      for (const lane of new Set(puts)) {
        const numbers = stage.backend.got.filter((body) => body.startsWith(`${lane} `)).map((body) =>
          Number(body.split(" ")[1])
        );
        assertEquals(numbers, numbers.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 50 },
  );
});

/** A disk that is full, or a database that somebody else holds. */
class FullOutbox extends Outbox {
  /** What fails now. */
  failing: readonly ("put" | "get" | "done" | "failed")[] = [];

  override put(...given: Parameters<Outbox["put"]>): number {
    this.#fail("put");
    return super.put(...given);
  }

  override get(id: number): ReturnType<Outbox["get"]> {
    this.#fail("get");
    return super.get(id);
  }

  override done(id: number): void {
    this.#fail("done");
    super.done(id);
  }

  override failed(id: number): void {
    this.#fail("failed");
    super.failed(id);
  }

  #fail(what: "put" | "get" | "done" | "failed"): void {
    if (this.failing.includes(what)) throw new Error("database or disk is full");
  }
}

Deno.test("a message that the disk does not take is lost in words, said once, and who told it never hears of that", async () => {
  const outbox = new FullOutbox(":memory:");
  await using stage = new Stage(outbox);
  const receiver = stage.receiver();
  outbox.failing = ["put"];
  for (const body of ["a", "b", "c"]) receiver.put("live/cam", body);
  outbox.failing = [];
  receiver.put("live/cam", "d");
  await settled();
  assertEquals(stage.backend.got, ["d"]);
  assertEquals(stage.logged.lines(), [
    "error Messages to backend are lost: database or disk is full",
    "warning Messages to backend are kept again; 3 were lost",
  ]);
});

Deno.test("a message that was delivered and cannot be taken out is not delivered again by this run", async () => {
  const outbox = new FullOutbox(":memory:");
  await using stage = new Stage(outbox);
  outbox.failing = ["done"];
  const receiver = stage.receiver();
  for (const body of ["a", "b"]) receiver.put("live/cam", body);
  await settled();
  await stage.clock.advanceAsync(5000);
  assertEquals(stage.backend.got, ["a", "b"]);
});

for (const failing of [["get"], ["failed"]] as const) {
  Deno.test(`a database that fails at "${failing}" while messages wait: they are tried again`, async () => {
    const outbox = new FullOutbox(":memory:");
    await using stage = new Stage(outbox);
    outbox.failing = failing;
    let isDown = true;
    stage.backend.accept = () => {
      if (isDown) throw new Error("down");
    };
    stage.receiver().put("live/cam", "a");
    await settled();
    outbox.failing = [];
    isDown = false;
    stage.clock.advance(1000);
    await settled();
    assertEquals(stage.backend.got, ["a"]);
  });
}

Deno.test("a receiver that is down for hours is not asked for each of thousands of lanes, and gets them all when it is back", async () => {
  await using stage = new Stage();
  let tries = 0;
  let isDown = true;
  stage.backend.accept = () => {
    tries++;
    if (isDown) throw new Error("down");
  };
  const receiver = stage.receiver("backend", stage.backend.deliver, 86_400_000);
  const bodies = Array.from({ length: 2000 }, (_, i) => String(i));
  for (const body of bodies) receiver.put(`session ${body}`, body);
  for (let minute = 0; minute < 240; minute++) {
    stage.clock.advance(60_000);
    await settled();
  }
  assert(tries < 100, `${tries} attempts`);
  isDown = false;
  for (let minute = 0; minute < 10; minute++) {
    stage.clock.advance(60_000);
    await receiver.idle();
  }
  assertEquals(stage.backend.got.toSorted(), bodies.toSorted());
});

Deno.test("all that has waited too long for a receiver that is down is given up at once, in one line", async () => {
  await using stage = new Stage();
  stage.backend.accept = () => {
    throw new Error("down");
  };
  const receiver = stage.receiver();
  for (let i = 0; i < 50; i++) receiver.put(`lane ${i}`, String(i));
  for (let i = 0; i < 20; i++) {
    stage.clock.advance(30_000);
    await settled();
  }
  assertEquals([stage.outbox.waiting("backend"), stage.outbox.deadCount], [[], 50]);
  assertEquals(stage.logged.lines(), [
    "warning backend does not take messages: down; they wait and are tried again",
    "error 50 messages to backend are given up: down",
  ]);
});

Deno.test("more messages than a limit do not wait for one receiver", async () => {
  await using stage = new Stage();
  stage.backend.accept = () => {
    throw new Error("down");
  };
  const receiver = stage.receiver("backend", stage.backend.deliver, 60_000, 10);
  for (let i = 0; i < 12; i++) receiver.put("live/cam", "x");
  assertEquals(stage.outbox.waiting("backend").length, 10);
  assertEquals(stage.logged.lines(), ["error Messages to backend are lost: 10 wait for it already"]);
});
