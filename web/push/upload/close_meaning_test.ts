import { assertEquals } from "@std/assert";
import { closeMeaning, closeWords } from "./close_meaning.ts";

for (
  const [code, meaning, why] of [
    [1000, "refused", "the server ended the stream"],
    [1001, "retry", "the server stops"],
    [1002, "refused", "what was sent is wrong"],
    [1006, "retry", "the network broke"],
    [1011, "retry", "the server failed"],
    [1012, "retry", "all begins anew"],
    [1013, "retry", "the server is full"],
    [4400, "refused", "the name is wrong"],
    [4401, "refused", "a key is missing"],
    [4403, "refused", "it is not allowed"],
    [4408, "retry", "nothing arrived for too long"],
    [4409, "taken", "another publishes"],
    [4429, "retry", "too many at once"],
    [4503, "retry", "not now"],
  ] as const
) {
  Deno.test(`${code}, ${why}, means ${meaning}`, () => assertEquals(closeMeaning(code), meaning));
}

Deno.test("the server's own words come first", () => {
  assertEquals(closeWords(4403, "Publishing needs a key", true), "Publishing needs a key");
  assertEquals(closeWords(1006, "", false), "The server cannot be reached");
  assertEquals(closeWords(1006, "", true), "The connection to the server broke");
  assertEquals(closeWords(1001, "", true), "The server is restarting");
  assertEquals(closeWords(4500, "", true), "The server closed the connection with code 4500");
});
