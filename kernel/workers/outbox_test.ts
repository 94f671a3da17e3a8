import { assertEquals, assertThrows } from "@std/assert";
import { FakeClock } from "../testing/fake_clock.ts";
import { type Crossing, Outbox, takeEach } from "./outbox.ts";

interface Word {
  readonly type: string;
}

/** An outbox, and what has crossed: words that crossed as one stand in one string, with the number of pieces handed over. */
function open() {
  const clock = new FakeClock();
  const crossed: string[] = [];
  const { post } = new Outbox<Word>((crossing, transfer) => {
    const words: string[] = [];
    takeEach(crossing, ({ type }) => void words.push(type));
    if (words.includes("unfit")) throw new DOMException("It cannot be copied", "DataCloneError");
    crossed.push(transfer.length > 0 ? `${words.join(" ")} (${transfer.length})` : words.join(" "));
  }, clock);
  const say = (type: string, waitMs?: number, pieces = 0) =>
    post({ type }, Array.from({ length: pieces }, () => new ArrayBuffer(1)), waitMs);
  return { clock, crossed, say };
}

Deno.test("what may wait crosses as one, with all that is handed over, when the first of it has waited its time", () => {
  const { clock, crossed, say } = open();
  say("a", 20, 1);
  clock.advance(10);
  say("b", 20, 2);
  clock.advance(9);
  assertEquals(crossed, []);
  clock.advance(1);
  assertEquals(crossed, ["a b (3)"]);
  say("c", 20);
  clock.advance(19);
  assertEquals(crossed, ["a b (3)"]);
  clock.advance(1);
  assertEquals(crossed, ["a b (3)", "c"]);
  assertEquals(clock.pending, 0);
});

Deno.test("who may wait less than the others takes them along", () => {
  const { clock, crossed, say } = open();
  say("patient", 100);
  say("hasty", 10);
  clock.advance(10);
  assertEquals(crossed, ["patient hasty"]);
  assertEquals(clock.pending, 0);
});

Deno.test("what may wait for no time crosses at the end of the turn", async () => {
  const { clock, crossed, say } = open();
  say("a", 0);
  say("b", 0);
  assertEquals(crossed, []);
  await Promise.resolve();
  assertEquals(crossed, ["a b"]);
  assertEquals(clock.pending, 0);
});

Deno.test("what waits crosses before what does not", () => {
  const { clock, crossed, say } = open();
  say("a", 20);
  say("b", 20);
  say("now");
  assertEquals(crossed, ["a b", "now"]);
  assertEquals(clock.pending, 0);
});

Deno.test("what cannot be copied takes nothing else with it", () => {
  const { crossed, say } = open();
  say("a", 20);
  assertThrows(() => say("unfit"), DOMException);
  say("b");
  assertEquals(crossed, ["a", "b"]);
});

Deno.test("a message that cannot be taken is reported, and those that crossed with it are taken", () => {
  const taken: string[] = [];
  const reported: string[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  addEventListener("error", onError);
  const crossing: Crossing<Word> = { type: "together", messages: [{ type: "a" }, { type: "bad" }, { type: "b" }] };
  takeEach(crossing, ({ type }) => {
    if (type === "bad") throw new Error("it is bad");
    taken.push(type);
  });
  removeEventListener("error", onError);
  assertEquals([taken, reported], [["a", "b"], ["it is bad"]]);
});
