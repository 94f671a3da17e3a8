import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Slab } from "./slab.ts";

Deno.test("small copies lie behind each other in one piece of memory, and share none with their source", () => {
  const slab = new Slab();
  const source = Uint8Array.of(1, 2, 3, 4, 5);
  const [first, second] = [slab.copy(source, 0, 2), slab.copy(source, 2, 5)];
  assertStrictEquals(first.buffer, second.buffer);
  source.fill(0);
  assertEquals([[...first], [...second]], [[1, 2], [3, 4, 5]]);
});

Deno.test("a large copy has memory of exactly its own", () => {
  const slab = new Slab();
  const small = slab.copy(new Uint8Array(10), 0, 10);
  const large = slab.copy(new Uint8Array(20_000), 0, 20_000);
  assertNotStrictEquals(large.buffer, small.buffer);
  assertEquals(large.buffer.byteLength, 20_000);
});

Deno.test("copies of any sizes hold what was copied, whatever comes behind them", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9000), { maxLength: 60 }), (sizes) => {
      const slab = new Slab();
      const copies = sizes.map((size, index) => slab.copy(new Uint8Array(size).fill(index + 1), 0, size));
      copies.forEach((copy, index) => assertEquals(copy.every((byte) => byte === index + 1), true));
      assertEquals(copies.map((copy) => copy.length), sizes);
    }),
    { numRuns: 30 },
  );
});
