import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../../kernel/reasons.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { Presented, SecretCheck } from "./secret_check.ts";
import { parseSecret } from "./stored_secret.ts";
import { applicantOf } from "../testing.ts";
import { Users } from "../ways/users.ts";

/** The hash of "password" in RFC 7914 at a cost that a test can bear. */
const CHEAP = "scrypt:4:1:1:c2FsdHNhbHQ:Yxe-VX4y6zcyGmPB0xrnl0nvbrKY7sSWxKvkJyRdvU0";

Deno.test("fast hashes are answered at once, slow ones later and from memory when they come again", async () => {
  const clock = new FakeClock();
  const check = new SecretCheck(clock);
  assertEquals([
    check.isSame(new Presented("sesame"), parseSecret("sesame")),
    check.isSame(new Presented("x"), parseSecret("sesame")),
  ], [
    true,
    false,
  ]);
  const slow = parseSecret(CHEAP);
  const first = check.isSame(new Presented("guess"), slow);
  assert(first instanceof Promise);
  assertEquals(await first, false);
  assertEquals(check.isSame(new Presented("guess"), slow), false);
  clock.advance(60_000);
  assert(check.isSame(new Presented("guess"), slow) instanceof Promise, "it is remembered for ever");
});

Deno.test("thousands with one password wait for one slow check", async () => {
  const check = new SecretCheck(new FakeClock());
  const slow = parseSecret(CHEAP);
  const all = await Promise.all(Array.from({ length: 10_000 }, () => check.isSame(new Presented("guess"), slow)));
  assertEquals(new Set(all), new Set([false]));
});

Deno.test("a flood of different guesses is refused before it can take memory and threads", async () => {
  const check = new SecretCheck(new FakeClock());
  const slow = parseSecret(CHEAP);
  const guesses = Array.from({ length: 1000 }, async (_, at) => await check.isSame(new Presented(`guess ${at}`), slow));
  const results = await Promise.allSettled(guesses);
  const refused = results.filter(({ status }) => status === "rejected");
  assertEquals(refused.length, 1000 - 66);
  await assertRejects(() => guesses.at(-1)!, Refusal, "Too many ask to be let in");
});

Deno.test("a user that is not known costs a slow check as one that is: the time tells nothing", async () => {
  const asked: string[] = [];
  class Spy extends SecretCheck {
    override isSame(...args: Parameters<SecretCheck["isSame"]>) {
      asked.push(args[1].kind);
      return super.isSame(...args);
    }
  }
  const users = new Users({
    bob: { password: "plain", publish: ["*"], play: [] },
    ann: { password: CHEAP, publish: ["*"], play: [] },
  }, new Spy(new FakeClock()));
  for (const user of ["ann", "eve"]) {
    assertEquals((await users.check(applicantOf({ query: `user=${user}&pass=guess` }))).says, "wrong");
  }
  assertEquals(asked, ["scrypt", "scrypt"]);
});
