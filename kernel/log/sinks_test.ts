import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { createLogger, jsonLinesSink, type Sink, terminalSink } from "./log.ts";
import { FakeClock } from "../testing/fake_clock.ts";

type Line = [message: string, fields?: Record<string, unknown>];

function lines(sink: (write: (line: string) => void) => Sink, ...[message, fields]: Line): string {
  let written = "";
  const clock = new FakeClock(new Date("2026-03-04T05:06:07.890Z"));
  createLogger({ sink: sink((line) => written += line), clock }).child("rtmp.session").warn(message, fields);
  return written;
}

const text = (write: (line: string) => void) => terminalSink({ colors: false, timeZone: "UTC", write });

const LINES: { line: Line; text: string }[] = [
  { line: ["Hello"], text: "Hello" },
  { line: ["Hello", { stream: "live/cam", n: 5, on: true }], text: "Hello stream=live/cam n=5 on=true" },
  { line: ["Hello", { none: undefined, nil: null }], text: "Hello nil=null" },
  { line: ["Hello", { said: "a b", empty: "" }], text: 'Hello said="a b" empty=""' },
  { line: ["Hello", { said: 'a="b"' }], text: 'Hello said="a=\\"b\\""' },
  { line: ["Hello", { list: [1, { a: "b" }] }], text: 'Hello list=[1,{"a":"b"}]' },
  { line: ["Hello", { error: new Error("no") }], text: 'Hello error="no"' },
  {
    line: ["Hello", { error: new TypeError("no", { cause: new Error("why") }) }],
    text: 'Hello error="TypeError: no (why)"',
  },
  { line: ["a\nb\x1b[31m", { c: "d\r\ne\x1b[2J" }], text: 'a\\nb\\x1b[31m c="d\\r\\ne\\u001b[2J"' },
  { line: ["a\u202eb", { c: "d\u200b\u{e0041}" }], text: "a\\u202eb c=d\\u200b\\udb40\\udc41" },
];

for (const { line, text: expected } of LINES) {
  Deno.test(`a line for people reads: ${expected}`, () => {
    assertEquals(lines(text, ...line), `2026-03-04 05:06:07.890 WRN rtmp.session: ${expected}\n`);
  });
}

Deno.test("colours are there when asked for", () => {
  assertStringIncludes(lines((write) => terminalSink({ colors: true, write }), "Hello"), "\x1b[");
});

Deno.test("nothing that is logged can make a second line or hide a part of one, for people or for programs", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (said) => {
    for (const sink of [text, jsonLinesSink]) {
      assertMatch(
        lines(sink, `Hello ${said}`, { said, nested: { [said]: [said] } }),
        /^(?:\t|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}])*\n$/u,
      );
    }
  }));
});

Deno.test("for programs: one JSON object a line", () => {
  assertEquals(JSON.parse(lines(jsonLinesSink, "Hello", { stream: "live/cam", big: 5n })), {
    "@timestamp": "2026-03-04T05:06:07.890Z",
    level: "WARN",
    message: "Hello",
    logger: "sluice.rtmp.session",
    properties: { stream: "live/cam", big: "5" },
  });
});
