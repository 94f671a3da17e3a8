import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { Argon2 } from "./argon2.ts";
import { Presented, SecretCheck } from "./secret_check.ts";
import { isSameArgon2, parseSecret } from "./stored_secret.ts";

/** Those of the reference implementation that cost little. */
const VECTORS = [
  "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
];

Deno.test("Argon2: the reference implementation's hashes of a password are those of it, and of no other", async () => {
  using argon2 = new Argon2(new FakeClock());
  for (const text of VECTORS) {
    const stored = parseSecret(text);
    assert(stored.kind === "argon2");
    for (const presented of ["password", "passwore", "", "password "]) {
      assertEquals(await isSameArgon2(presented, stored, argon2), presented === "password", presented);
    }
  }
});

Deno.test("Argon2: several are checked at once, each by itself", async () => {
  const clock = new FakeClock();
  using argon2 = new Argon2(clock);
  const check = new SecretCheck(clock, argon2);
  const asked = VECTORS.flatMap((text) => ["password", "other"].map((word) => [word, parseSecret(text)] as const));
  const answers = await Promise.all(asked.map(([word, stored]) => check.isSame(new Presented(word), stored)));
  assertEquals(answers, [true, false, true, false]);
});

Deno.test("Argon2: the worker ends when nothing has been asked for a while, and another is started when it is needed", async () => {
  const clock = new FakeClock();
  using argon2 = new Argon2(clock);
  const stored = parseSecret(VECTORS[0]);
  assert(stored.kind === "argon2");
  assertEquals(await isSameArgon2("password", stored, argon2), true);
  assertEquals(clock.pending, 1);
  clock.advance(30_000);
  assertEquals(clock.pending, 0);
  assertEquals(await isSameArgon2("password", stored, argon2), true);
});

Deno.test("Argon2: what is asked while the server stops is answered with a fault, and leaves no timer", async () => {
  const clock = new FakeClock();
  const argon2 = new Argon2(clock);
  const asked = argon2.hash("password", { memory: 256, passes: 2, lanes: 1, salt: new Uint8Array(8), length: 32 });
  argon2[Symbol.dispose]();
  await assertRejects(() => asked, Error, "The server is stopping");
  assertEquals(clock.pending, 0);
});
