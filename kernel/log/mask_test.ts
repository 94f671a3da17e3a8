import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { isSecretName, maskFields, maskText } from "./mask.ts";

for (
  const name of [
    "key",
    "keys",
    "streamKey",
    "stream_key",
    "api-key",
    "token",
    "accessToken",
    "password",
    "passwordHash",
    "SECRET",
    "client_secret",
    "Authorization",
    "proxyAuthorization",
    "sign",
    "credentials",
    "Cookie",
  ]
) {
  Deno.test(`"${name}" names a secret`, () => assertEquals(isSecretName(name), true));
}

for (
  const name of [
    "keyframe",
    "keyFrames",
    "keySeconds",
    "tokens_per_second",
    "author",
    "monkey",
    "design",
    "path",
    "passes",
    "compass",
    "",
  ]
) {
  Deno.test(`"${name}" names no secret`, () => assertEquals(isSecretName(name), false));
}

const TEXTS = [
  { text: "nothing to hide", masked: "nothing to hide" },
  { text: "publish live/cam?key=abc", masked: "publish live/cam?key=***" },
  { text: "live/cam?vhost=a&token=abc&x=1", masked: "live/cam?vhost=a&token=***&x=1" },
  { text: "password=abc", masked: "password=***" },
  { text: 'password="a b" user=c', masked: "password=*** user=c" },
  { text: "a=?key=b=c", masked: "a=?key=***" },
  { text: "rtmp://host/live/cam?sig=abc&x=1 refused", masked: "rtmp://host/live/cam?*** refused" },
  { text: "http://user:pass@host:80/a", masked: "http://***@host:80/a" },
  { text: 'say "https://host/a?b" twice', masked: 'say "https://host/a?***" twice' },
  { text: "two http://a/?x and ws://b/c?y=1", masked: "two http://a/?*** and ws://b/c?***" },
  { text: "Authorization: Bearer abcdef.ghi", masked: "Authorization: Bearer ***" },
  { text: "Is this all? yes=no", masked: "Is this all? yes=no" },
];

for (const { text, masked } of TEXTS) {
  Deno.test(`secrets in a text are masked: ${masked}`, () => assertEquals(maskText(text), masked));
}

Deno.test("a secret in a query never survives, whatever stands around it", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "/", " ", "&", "?", "=", ":", "@"), maxLength: 12 });
  fc.assert(fc.property(word, word, (before, after) => {
    assertMatch(maskText(`${before}?key=S3CR3T&${after}`), /^((?!S3CR3T).)*$/s);
  }));
});

class Session {
  secretState = 1;
  toJSON() {
    return { id: "7", key: "abc" };
  }
}

const FIELDS: { name: string; value: unknown; masked: unknown }[] = [
  { name: "number", value: 5, masked: 5 },
  { name: "missing", value: undefined, masked: undefined },
  { name: "key", value: "abc", masked: "***" },
  { name: "key", value: 12345, masked: "***" },
  { name: "key", value: { a: 1 }, masked: "***" },
  { name: "keys", value: ["a", "b"], masked: ["***", "***"] },
  { name: "key", value: true, masked: true },
  { name: "key", value: "", masked: "" },
  { name: "key", value: null, masked: null },
  { name: "url", value: "rtmp://h/a?b=c", masked: "rtmp://h/a?***" },
  { name: "url", value: new URL("rtmp://u:p@h/a?b=c"), masked: "rtmp://***@h/a?***" },
  { name: "list", value: [{ token: "x", n: 1 }], masked: [{ token: "***", n: 1 }] },
  { name: "map", value: new Map([["token", "x"]]), masked: { token: "***" } },
  { name: "set", value: new Set(["a?key=b"]), masked: ["a?key=***"] },
  { name: "session", value: new Session(), masked: { id: "7", key: "***" } },
  { name: "bytes", value: new Uint8Array(3), masked: "3 bytes" },
  { name: "date", value: new Date(0), masked: "1970-01-01T00:00:00.000Z" },
  { name: "date", value: new Date(NaN), masked: "Invalid Date" },
  { name: "big", value: 10n, masked: 10n },
  { name: "call", value: () => 1, masked: undefined },
];

for (const { name, value, masked } of FIELDS) {
  Deno.test(`field ${name} = ${Deno.inspect(value)} is logged as ${Deno.inspect(masked)}`, () => {
    assertEquals(maskFields({ [name]: value }), { [name]: masked });
  });
}

Deno.test("an error is logged with its cause and own fields, all of them masked", () => {
  const error = Object.assign(new TypeError("bad token=abc", { cause: new Error("key=abc") }), {
    code: "EPIPE",
    token: "abc",
  });
  const { error: logged } = maskFields({ error }) as { error: Record<string, unknown> };
  assertEquals(logged.name, "TypeError");
  assertEquals(logged.message, "bad token=***");
  assertEquals(logged.code, "EPIPE");
  assertMatch(JSON.stringify(logged), /^((?!abc).)*$/);
});

Deno.test("a cyclic, deep or endless field ends", () => {
  const cycle: Record<string, unknown> = { many: Array.from({ length: 10_000 }, (_, i) => i), long: "x".repeat(1e6) };
  cycle.self = cycle;
  assertEquals(JSON.stringify(maskFields({ cycle })).length < 100_000, true);
});
