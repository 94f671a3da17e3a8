import { assert, assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_VHOST } from "../names.ts";
import { isStreamPattern, streamMatcher } from "./stream_pattern.ts";

function matches(patterns: string[], stream: string): boolean {
  const [path, vhost = DEFAULT_VHOST] = stream.split(":").reverse();
  const [app, name] = path.split("/");
  return streamMatcher(patterns)({ vhost, app, name });
}

const CASES: readonly { patterns: string[]; fits: string[]; not: string[] }[] = [
  { patterns: ["*"], fits: ["live/cam", "a/b"], not: ["other.example:live/cam"] },
  { patterns: ["*:*"], fits: ["live/cam", "other.example:live/cam"], not: [] },
  { patterns: ["live/cam"], fits: ["live/cam"], not: ["live/cam2", "live2/cam", "xlive/cam"] },
  { patterns: ["live/*"], fits: ["live/cam"], not: ["show/cam"] },
  { patterns: ["*/cam-*"], fits: ["live/cam-1", "show/cam-"], not: ["live/cam"] },
  { patterns: ["live/*", "!live/private*"], fits: ["live/cam"], not: ["live/private", "live/private-2", "a/b"] },
  { patterns: ["!live/private*", "live/private-1", "*"], fits: ["live/private"], not: [] },
  { patterns: ["!live/private*"], fits: ["live/cam", "a/b"], not: ["live/private"] },
  { patterns: ["a.example:live/*"], fits: ["a.example:live/cam"], not: ["live/cam", "aXexample:live/cam"] },
  { patterns: [], fits: [], not: ["live/cam"] },
];

for (const { patterns, fits, not } of CASES) {
  Deno.test(`the patterns ${JSON.stringify(patterns)} mean ${fits.join(", ") || "nothing"}`, () => {
    assertEquals(fits.filter((stream) => matches(patterns, stream)), fits);
    assertEquals(not.filter((stream) => matches(patterns, stream)), []);
  });
}

Deno.test("what is no pattern is refused", () => {
  for (const text of ["", "live", "live/", "/cam", "a/b/c", "live/c am", "!", "a:b:c/d", "live/../x"]) {
    assert(!isStreamPattern(text), text);
    assertThrows(() => streamMatcher([text]), TypeError, "no pattern of streams");
  }
});
