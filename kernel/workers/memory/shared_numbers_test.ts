import { assertEquals } from "@std/assert";
import { NumbersElsewhere, SENT, SharedNumbers, shareSent, shareTraffic, TRAFFIC } from "./shared_numbers.ts";

/** Both sides of the numbers of a worker, and the pieces of memory that have crossed. */
function pair() {
  const elsewhere = new NumbersElsewhere();
  const pieces: SharedArrayBuffer[] = [];
  const here = new SharedNumbers((memory) => {
    pieces.push(memory);
    elsewhere.add(memory);
  });
  return { here, elsewhere, pieces };
}

Deno.test("what is written in one isolate is read in the other, without a word", () => {
  const { here, elsewhere } = pair();
  const session = here.take(TRAFFIC);
  const traffic = elsewhere.traffic(session.at);
  const playback = here.take(SENT);
  const sent = elsewhere.sent(playback.at);
  assertEquals([traffic.bytesIn, traffic.bytesOut, sent.bytes], [0, 0, 0]);
  shareTraffic(session, { bytesIn: 3, bytesOut: 2 ** 40 + 1 });
  shareSent(playback, { bytes: 7 });
  assertEquals([traffic.bytesIn, traffic.bytesOut, sent.bytes], [3, 2 ** 40 + 1, 7]);
});

Deno.test("everybody has a place of their own, in as few pieces of memory as hold them", () => {
  const { here, elsewhere, pieces } = pair();
  const all = Array.from({ length: 300 }, (_, index) => {
    const session = here.take(TRAFFIC);
    const traffic = elsewhere.traffic(session.at);
    const playback = here.take(SENT);
    return { index, session, playback, traffic, sent: elsewhere.sent(playback.at) };
  });
  for (const { index, session, playback } of all) {
    shareTraffic(session, { bytesIn: index, bytesOut: index + 1000 });
    shareSent(playback, { bytes: index + 2000 });
  }
  for (const { index, traffic, sent } of all) {
    assertEquals([traffic.bytesIn, traffic.bytesOut, sent.bytes], [index, index + 1000, index + 2000]);
  }
  const numbers = pieces.reduce((sum, { byteLength }) => sum + byteLength / Float64Array.BYTES_PER_ELEMENT, 0);
  assertEquals(numbers >= 900 && numbers < 1200, true, `${numbers} numbers were shared`);
});
