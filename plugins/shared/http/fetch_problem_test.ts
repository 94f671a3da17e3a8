import { assertEquals } from "@std/assert";
import { fetchProblem } from "./fetch_problem.ts";

Deno.test("why a request failed is said, and its address is not", () => {
  const cause = new Error(
    "error sending request for url (http://a/b?(key)=1): client error (Connect): Connection refused",
  );
  assertEquals(
    fetchProblem(new TypeError("fetch failed", { cause })),
    "client error (Connect): Connection refused",
  );
});

Deno.test("what has no cause is said as it is", () => {
  assertEquals([fetchProblem(new Error("no answer within 2 s")), fetchProblem("odd")], ["no answer within 2 s", "odd"]);
});
