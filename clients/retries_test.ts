import { assertEquals, assertRejects } from "@std/assert";
import { ClientError } from "../kernel/sessions/client.ts";
import { FakeClock } from "../kernel/testing/fake_clock.ts";
import { Retries, type RetryOptions } from "./retries.ts";

const NEVER = new AbortController().signal;

function start(options: RetryOptions = {}) {
  const clock = new FakeClock();
  const pauses: number[] = [];
  const retries = new Retries({ random: () => 0, ...options }, clock, (_, seconds) => void pauses.push(seconds));
  const after = async (code: string) => {
    const waiting = retries.after(new ClientError(code, code), NEVER);
    clock.advance(1_000_000);
    await waiting;
  };
  return { clock, pauses, retries, after };
}

Deno.test("pauses double up to half a minute, and begin anew after a good connection", async () => {
  const { clock, pauses, retries, after } = start();
  for (let i = 0; i < 8; i++) await after("unreachable");
  assertEquals(pauses, [0.5, 1, 2, 4, 8, 16, 30, 30]);
  retries.live();
  clock.advance(10_000);
  await after("lost");
  assertEquals(pauses.at(-1), 0.5);
});

Deno.test("jitter shortens a pause by up to a half", async () => {
  const { pauses, after } = start({ random: () => 1 });
  await after("unreachable");
  assertEquals(pauses, [0.25]);
});

Deno.test("a server that says no is not asked again, unless that is wanted, and then seldom", async () => {
  await assertRejects(() => start().after("403"), ClientError);
  await assertRejects(() => start().after("404"), ClientError);
  await assertRejects(() => start().after("409"), ClientError);
  const patient = start({ keepTrying: true });
  for (const code of ["403", "403", "404"]) await patient.after(code);
  assertEquals(patient.pauses, [10, 20, 0.5]);
});

Deno.test("without reconnecting, the first failure is the last", async () => {
  await assertRejects(() => start({ reconnect: false }).after("lost"), ClientError, "lost");
});

Deno.test("a name that is taken after a loss may be one's own; a publisher that was replaced does not come back", async () => {
  const { clock, retries, after, pauses } = start();
  retries.live();
  clock.advance(5000);
  await after("lost");
  await after("409");
  assertEquals(pauses.length, 2);
  retries.live();
  clock.advance(5000);
  await assertRejects(() => after("4409"), ClientError);
});

Deno.test("whatever is no failure of a connection is thrown on", async () => {
  const { retries } = start();
  await assertRejects(() => retries.after(new TypeError("a fault"), NEVER), TypeError, "a fault");
});

Deno.test("an abort ends a pause at once and leaves no timer", async () => {
  const { clock, retries } = start();
  const stop = new AbortController();
  const waiting = retries.after(new ClientError("lost", "lost"), stop.signal);
  stop.abort();
  await waiting;
  assertEquals(clock.pending, 0);
});
