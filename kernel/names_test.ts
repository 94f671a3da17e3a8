import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BadNameError, DEFAULT_VHOST, isName, keyOfId, parseStreamPath, quoted, streamId, streamKey } from "./names.ts";

Deno.test("a stream's path is an app and a name", () => {
  assertEquals(parseStreamPath("live/cam"), { app: "live", name: "cam", path: "live/cam" });
  assertEquals(parseStreamPath("A-1/b_2").name, "b_2");
  assertEquals(parseStreamPath(`${"a".repeat(128)}/b`).app.length, 128);
});

const REFUSED = [
  { path: "", message: '"" is not a stream\'s path: expected APP/STREAM, as in "live/cam"' },
  { path: "live", message: '"live" is not a stream\'s path: expected APP/STREAM, as in "live/cam"' },
  { path: "/live/cam", message: '"/live/cam" is not a stream\'s path: expected APP/STREAM, as in "live/cam"' },
  { path: "live/", message: 'The stream name "" is empty: allowed are 1 to 128 of A-Z a-z 0-9 _ -' },
  { path: "/cam", message: 'The app name "" is empty: allowed are 1 to 128 of A-Z a-z 0-9 _ -' },
  { path: "live/c m", message: 'The stream name "c m" contains " ": allowed are 1 to 128 of A-Z a-z 0-9 _ -' },
  { path: "live/..", message: 'The stream name ".." contains ".": allowed are 1 to 128 of A-Z a-z 0-9 _ -' },
  { path: "live/🎥", message: 'The stream name "🎥" contains "🎥": allowed are 1 to 128 of A-Z a-z 0-9 _ -' },
  {
    path: "live/a\nb",
    message: 'The stream name "a\\u{a}b" contains "\\u{a}": allowed are 1 to 128 of A-Z a-z 0-9 _ -',
  },
  {
    path: `live/${"x".repeat(129)}`,
    message: `The stream name "${"x".repeat(40)}…" is 129 characters long: allowed are 1 to 128 of A-Z a-z 0-9 _ -`,
  },
];

for (const { path, message } of REFUSED) {
  Deno.test(`a path is refused in one sentence: ${quoted(path)}`, () => {
    const error = assertThrows(() => parseStreamPath(path), BadNameError);
    assertEquals(error.message, message);
    assert(error instanceof TypeError);
  });
}

Deno.test("whatever is accepted is made of allowed characters, and whatever is refused is quoted without control characters", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (path) => {
    try {
      assertMatch(parseStreamPath(path).path, /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/);
    } catch (error) {
      assert(error instanceof BadNameError);
      assertMatch(error.message, /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u);
      assert(error.message.length < 400);
    }
  }));
});

Deno.test("a name cut in the middle of a character is still well-formed text", () => {
  assertEquals(quoted(`${"x".repeat(39)}🎥🎥`), `"${"x".repeat(39)}\\u{d83c}…"`);
});

Deno.test("a name that ends in a line break is no name", () => {
  assertEquals(isName("cam\n"), false);
});

Deno.test("an id gives the key it was made from", () => {
  for (const vhost of [DEFAULT_VHOST, "example.com"]) {
    const key = { vhost, app: "live", name: "cam-1" };
    assertEquals(keyOfId(streamId(vhost, key.app, key.name)), key);
  }
});

Deno.test("a stream's id names the vhost only where it is not the default", () => {
  assertEquals(streamId(DEFAULT_VHOST, "live", "cam"), "live/cam");
  assertEquals(streamId("example.com", "live", "cam"), "example.com:live/cam");
});

Deno.test("a vhost is a host's name, and never one that leads elsewhere in a path", () => {
  const keyOf = (vhost: string) => streamKey("live", "cam", new URLSearchParams({ vhost }));
  for (const vhost of ["example.com", "a", "10.0.0.1", "a..b", ".a"]) assertEquals(keyOf(vhost).vhost, vhost);
  for (const alias of ["", "_", "__defaultVhost__"]) assertEquals(keyOf(alias).vhost, DEFAULT_VHOST);
  for (const vhost of [".", "..", "...", "a/b", "a b", "a:1", "%2e", "a".repeat(254)]) {
    assertThrows(() => keyOf(vhost), BadNameError, "is not a host's name");
  }
});
