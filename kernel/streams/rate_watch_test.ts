import { assertEquals } from "@std/assert";
import { RateWatch } from "./rate_watch.ts";

const RATES: { name: string; seconds: number[]; kbps: number; exceeded: boolean }[] = [
  { name: "a steady rate below", seconds: Array(30).fill(12_000), kbps: 100, exceeded: false },
  { name: "a steady rate a tenth above, which is borne", seconds: Array(30).fill(13_700), kbps: 100, exceeded: false },
  { name: "a steady rate a fifth above", seconds: Array(30).fill(15_000), kbps: 100, exceeded: true },
  {
    name: "a burst that ten seconds make up for",
    seconds: [0, 100_000, ...Array(9).fill(1000)],
    kbps: 100,
    exceeded: false,
  },
  { name: "a burst that ten seconds do not make up for", seconds: [0, 150_000], kbps: 100, exceeded: true },
  { name: "any rate where there is no limit", seconds: Array(30).fill(1e9), kbps: 0, exceeded: false },
];

for (const { name, seconds, kbps, exceeded } of RATES) {
  Deno.test(`a publisher's rate: ${name}`, () => {
    const watch = new RateWatch();
    let bytes = 0;
    const words = seconds.map((more) => watch.look(bytes += more, kbps)).filter((each) => each !== undefined);
    assertEquals(words.length > 0, exceeded);
    if (exceeded) assertEquals(words[0], "the publisher sends more than 100 kbit/s");
  });
}
