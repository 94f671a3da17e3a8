import { assertEquals } from "@std/assert";
import { STAMP_BYTES, StampScanner, writeStamp } from "./stamp.ts";

const TIMES = [1_700_000_000_000.25, 1_700_000_000_033.5, 1_700_000_000_066.75];

function stampedStream(): Uint8Array {
  const stream = new Uint8Array(200).fill("S".charCodeAt(0));
  for (const [index, time] of TIMES.entries()) writeStamp(stream, 10 + index * 60, time);
  return stream;
}

function found(pieces: readonly Uint8Array[]): number[] {
  const times: number[] = [];
  const scanner = new StampScanner((time) => times.push(time));
  for (const piece of pieces) scanner.scan(piece);
  return times;
}

Deno.test("every stamp is found once, wherever the stream is cut", () => {
  const stream = stampedStream();
  for (let cut = 0; cut <= stream.length; cut++) {
    assertEquals(found([stream.subarray(0, cut), stream.subarray(cut)]), TIMES, `cut at ${cut}`);
  }
});

Deno.test("stamps are found in single bytes", () => {
  assertEquals(found(Array.from(stampedStream(), (byte) => Uint8Array.of(byte))), TIMES);
});

Deno.test("stamps that follow each other directly are all found", () => {
  const stream = new Uint8Array(STAMP_BYTES * TIMES.length);
  for (const [index, time] of TIMES.entries()) writeStamp(stream, index * STAMP_BYTES, time);
  assertEquals(found([stream]), TIMES);
});

Deno.test("bytes without a stamp give no time", () => {
  assertEquals(found([new TextEncoder().encode("SENT-AT SENT-A".repeat(20))]), []);
});
