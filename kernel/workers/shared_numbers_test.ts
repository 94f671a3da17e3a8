import { assertEquals } from "@std/assert";
import { NumbersElsewhere, SharedNumbers } from "./shared_numbers.ts";

/** Both sides of the numbers of a worker, and how many pieces of memory have crossed. */
function pair() {
  const elsewhere = new NumbersElsewhere();
  const pieces: SharedArrayBuffer[] = [];
  const here = new SharedNumbers((memory) => {
    pieces.push(memory);
    elsewhere.add(memory);
  });
  return { here, elsewhere, pieces };
}

Deno.test("what is counted in one isolate is read in the other, without a word", () => {
  const { here, elsewhere } = pair();
  const { place, traffic } = here.traffic();
  const there = elsewhere.traffic(place);
  const { sent, place: next } = here.sent();
  const sentThere = elsewhere.sent(next);
  assertEquals([there.bytesIn, there.bytesOut, sentThere.bytes], [0, 0, 0]);
  traffic.bytesIn += 3;
  traffic.bytesOut += 2 ** 40 + 1;
  sent.bytes += 7;
  assertEquals([there.bytesIn, there.bytesOut, sentThere.bytes], [3, 2 ** 40 + 1, 7]);
});

Deno.test("everybody has a place of their own, in as few pieces of memory as hold them", () => {
  const { here, elsewhere, pieces } = pair();
  const all = Array.from({ length: 300 }, (_, index) => {
    const { place, traffic } = here.traffic();
    const there = elsewhere.traffic(place);
    const { place: next, sent } = here.sent();
    return { index, traffic, sent, there, sentThere: elsewhere.sent(next) };
  });
  for (const { index, traffic, sent } of all) {
    traffic.bytesIn = index;
    traffic.bytesOut = index + 1000;
    sent.bytes = index + 2000;
  }
  for (const { index, there, sentThere } of all) {
    assertEquals([there.bytesIn, there.bytesOut, sentThere.bytes], [index, index + 1000, index + 2000]);
  }
  const numbers = pieces.reduce((sum, { byteLength }) => sum + byteLength / Float64Array.BYTES_PER_ELEMENT, 0);
  assertEquals(numbers >= 900 && numbers < 1200, true, `${numbers} numbers were shared`);
});
