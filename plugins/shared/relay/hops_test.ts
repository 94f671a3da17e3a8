import { assertEquals } from "@std/assert";
import { hopsOf, leadsBack, sentFault } from "./hops.ts";

Deno.test("names of servers are read wherever they stand in a query, and no more of them than count", () => {
  assertEquals(hopsOf(new URLSearchParams("key=1")), []);
  assertEquals(hopsOf(new URLSearchParams("hops=a,b&key=1&hops=c, d,,")), ["a", "b", "c", "d"]);
  assertEquals(hopsOf(new URLSearchParams(`hops=${"x,".repeat(5000)}`)).length, 17);
});

Deno.test("a stream is not taken back by a server that has sent it, and from no way without an end", () => {
  const params = new URLSearchParams("hops=a,b");
  assertEquals(sentFault(params, "c"), undefined);
  assertEquals(leadsBack(new Error(sentFault(params, "a"))), true);
  const long = sentFault(new URLSearchParams(`hops=${Array.from({ length: 16 }, (_, i) => i)}`), "a");
  assertEquals(long, "the stream has come through 16 servers");
});
