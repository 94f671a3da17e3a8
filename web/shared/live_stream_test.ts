import { assertEquals } from "@std/assert";
import { isStreamPath } from "./live_stream.ts";

for (
  const [text, expected] of [
    ["live/demo", true],
    ["A-Z_09/x", true],
    [`live/${"a".repeat(128)}`, true],
    [`live/${"a".repeat(129)}`, false],
    ["live", false],
    ["live/", false],
    ["live/a/b", false],
    ["live/a.flv", false],
    ["//evil.example/x", false],
    ["live/<b>", false],
    ["", false],
  ] as const
) {
  Deno.test(`${JSON.stringify(text).slice(0, 40)} is ${expected ? "a" : "no"} stream path`, () => {
    assertEquals(isStreamPath(text), expected);
  });
}
