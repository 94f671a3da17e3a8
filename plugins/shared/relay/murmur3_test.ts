import { assertEquals } from "@std/assert";
import { murmur3 } from "./murmur3.ts";

const CASES: readonly { text: string; hash: number }[] = [
  { text: "", hash: 0 },
  { text: "a", hash: 0x3c2569b2 },
  { text: "ab", hash: 0x9bbfd75f },
  { text: "abc", hash: 0xb3dd93fa },
  { text: "abcd", hash: 0x43ed676a },
  { text: "hello", hash: 0x248bfa47 },
  { text: "Hello, world!", hash: 0xc0363e43 },
  { text: "The quick brown fox jumps over the lazy dog", hash: 0x2e4ff723 },
];

for (const { text, hash } of CASES) {
  Deno.test(`the hash of "${text}" is ${hash.toString(16)}`, () => {
    assertEquals(murmur3(new TextEncoder().encode(text)), hash);
  });
}
