import { assert, assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  hashSecret,
  isSameDigest,
  isSameScrypt,
  LONG_KEY_LENGTH,
  makeKey,
  parseSecret,
  sha256,
} from "./stored_secret.ts";

/** The test vectors of RFC 7914, section 12, whose cost is allowed. */
const SCRYPT_VECTORS = [
  {
    password: "password",
    text: `scrypt:10:8:16:${base64("NaCl", "utf8")}====`,
    hash:
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
  },
  {
    password: "pleaseletmein",
    text: `scrypt:14:8:1:${base64("SodiumChloride", "utf8")}`,
    hash:
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
  },
];

function base64(text: string, encoding: "utf8" | "hex"): string {
  return Buffer.from(text, encoding).toString("base64url");
}

for (const { password, text, hash } of SCRYPT_VECTORS) {
  Deno.test(`the test vector of RFC 7914 for "${password}"`, async () => {
    const stored = parseSecret(`${text}:${base64(hash, "hex")}`);
    assert(stored.kind === "scrypt");
    assertEquals(await isSameScrypt(password, stored), true);
    for (const wrong of ["", `${password}x`, password.slice(1), password.toUpperCase()]) {
      assertEquals(await isSameScrypt(wrong, stored), false);
    }
  });
}

Deno.test("a plain key and the sha256 of it are the same secret, in either alphabet of base64", () => {
  const { digest } = parseSecret("sesame") as { digest: Uint8Array };
  for (const alphabet of ["base64", "base64url"] as const) {
    const text = `sha256:${Buffer.from(digest).toString(alphabet)}`;
    assertEquals(parseSecret(text), { kind: "digest", digest, isPlain: false });
  }
  assertEquals(parseSecret("sesame"), { kind: "digest", digest: sha256("sesame"), isPlain: true });
});

Deno.test("texts of any length are compared by digests of one length", () => {
  const stored = sha256("sesame");
  for (const presented of ["", "s", "sesam", "sesame!", "x".repeat(10_000)]) {
    assertEquals(sha256(presented).length, stored.length);
    assertEquals(isSameDigest(sha256(presented), stored), false);
  }
  assertEquals(isSameDigest(sha256("sesame"), stored), true);
});

Deno.test("a long key gets a fast hash, a short one a slow hash", async () => {
  assert((await hashSecret("x".repeat(LONG_KEY_LENGTH))).startsWith("sha256:"));
  assert((await hashSecret("x".repeat(LONG_KEY_LENGTH - 1))).startsWith("scrypt:15:8:1:"));
  assert(makeKey().length >= LONG_KEY_LENGTH);
});

const HASH = "A".repeat(43);

const WRONG: { text: string; why: string }[] = [
  { text: "sha256:", why: "A sha256 hash has 32 bytes, this one 0" },
  { text: "sha256:AAAA", why: "A sha256 hash has 32 bytes, this one 3" },
  { text: `sha256:${HASH}AAAA`, why: "A sha256 hash has 32 bytes, this one 35" },
  { text: "scrypt:", why: "this one is not whole" },
  { text: "scrypt:15:8:1:c2FsdHNhbHQ", why: "this one is not whole" },
  { text: `scrypt:15:8:1:c2FsdHNhbHQ:${HASH}:x`, why: "this one is not whole" },
  { text: `scrypt:0:8:1:c2FsdHNhbHQ:${HASH}`, why: "at least 1" },
  { text: `scrypt:15:0:1:c2FsdHNhbHQ:${HASH}`, why: "at least 1" },
  { text: `scrypt:15:8:17:c2FsdHNhbHQ:${HASH}`, why: "at most 16" },
  { text: `scrypt:30:8:1:c2FsdHNhbHQ:${HASH}`, why: "takes 1048576 MiB to check; at most 128 are allowed" },
  { text: "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", why: "this one is not" },
  { text: `$argon2id$v=16$m=65536,t=3,p=4$c29tZXNhbHQ$${HASH}`, why: "this one is not" },
  { text: `$argon2id$v=19$m=65536,t=0,p=4$c29tZXNhbHQ$${HASH}`, why: "t and p of at least 1" },
  { text: `$argon2id$v=19$m=31,t=1,p=4$c29tZXNhbHQ$${HASH}`, why: "m of at least 8 for each lane" },
  { text: `$argon2id$v=19$m=262144,t=1,p=4$c29tZXNhbHQ$${HASH}`, why: "takes too long to check" },
  { text: `$argon2id$v=19$m=65536,t=5,p=4$c29tZXNhbHQ$${HASH}`, why: "takes too long to check" },
  { text: `$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$${HASH}`, why: "This kind of hash is not known" },
  { text: "$2b$10$abc", why: "This kind of hash is not known" },
];

for (const { text, why } of WRONG) {
  Deno.test(`"${text}" is no secret`, () => void assertThrows(() => parseSecret(text), TypeError, why));
}
