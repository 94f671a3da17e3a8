import { assert, assertEquals } from "@std/assert";
import { PartBuffers } from "./part_buffers.ts";

Deno.test("memory is lent again when it has come back, and never twice at once", () => {
  const buffers = new PartBuffers(100);
  const [a, b] = [buffers.take(100), buffers.take(30)];
  assertEquals([a.bytes.length, b.bytes.length], [100, 30]);
  assert(a.bytes.buffer !== b.bytes.buffer);
  a[Symbol.dispose]();
  a[Symbol.dispose]();
  const c = buffers.take(50);
  const d = buffers.take(50);
  assert(c.bytes.buffer === a.bytes.buffer);
  assert(d.bytes.buffer !== a.bytes.buffer);
});

Deno.test("of memory that nobody needs one buffer is kept", () => {
  const buffers = new PartBuffers(100);
  const lent = [1, 2, 3].map(() => buffers.take(100));
  for (const each of lent) each[Symbol.dispose]();
  assertEquals(buffers.kept, 1);
});

Deno.test("what is larger than a part is lent once", () => {
  const buffers = new PartBuffers(100);
  const large = buffers.take(101);
  assertEquals(large.bytes.length, 101);
  large[Symbol.dispose]();
  assertEquals(buffers.kept, 0);
});
