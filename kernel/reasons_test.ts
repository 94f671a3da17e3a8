import { assertEquals } from "@std/assert";
import { Closed, Refusal, type RefusalCode, whenAborted } from "./reasons.ts";

Deno.test("a reason says itself in a sentence when nobody says more", () => {
  assertEquals(new Closed("idle").message, "nothing arrived for too long");
  assertEquals(new Closed("idle", "sent nothing for 10 s").message, "sent nothing for 10 s");
});

Deno.test("the reason of an aborted signal is found, and other aborts count as leaving", () => {
  assertEquals(Closed.of(AbortSignal.abort(new Closed("kicked"))).reason, "kicked");
  assertEquals(Closed.of(AbortSignal.abort()).reason, "left");
  assertEquals(Closed.of(AbortSignal.abort("x")).reason, "left");
});

Deno.test("what waits for an abort runs once, at once when it has happened", () => {
  let runs = 0;
  const controller = new AbortController();
  whenAborted(controller.signal, () => runs++);
  assertEquals(runs, 0);
  controller.abort();
  controller.abort();
  assertEquals(runs, 1);
  whenAborted(controller.signal, () => runs++);
  assertEquals(runs, 2);
});

const REFUSALS: [RefusalCode, number, string][] = [
  ["bad-name", 400, "denied"],
  ["unauthorized", 401, "denied"],
  ["denied", 403, "denied"],
  ["not-found", 404, "denied"],
  ["not-live", 404, "denied"],
  ["busy", 409, "denied"],
  ["error", 500, "error"],
  ["unreachable", 502, "error"],
  ["no-answer", 504, "error"],
  ["limit", 503, "limit"],
  ["shutdown", 503, "shutdown"],
];

for (const [code, status, reason] of REFUSALS) {
  Deno.test(`a refusal by ${code} is ${status} in HTTP and ends a session as ${reason}`, () => {
    const cause = new Error("why");
    const refusal = new Refusal(code, "no", { redirect: "rtmp://other/live", cause });
    assertEquals([refusal.status, refusal.closeReason, refusal.message], [status, reason, "no"]);
    assertEquals([refusal.redirect, refusal.cause], ["rtmp://other/live", cause]);
  });
}
