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

  receiver(name = "backend", deliver = this.backend.deliver): Receiver {
    const { outbox, clock, logged: { log } } = this;
    const receiver = new Receiver({ name, outbox, clock, log, deliver, giveUpMs: 60_000, random: () => 1 });
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
      for (let i = 0; i < 100 && stage.outbox.waiting("backend").length > 0; i++) {
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
