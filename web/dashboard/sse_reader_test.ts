import { assertEquals } from "@std/assert";
import { SseReader } from "./sse_reader.ts";

const TEXT = 'retry: 2000\n\nid: a-1\nevent: stream:start\ndata: {"x":1}\n\n: still here\n\n' +
  "id: a-2\r\ndata: one\r\ndata:two\r\n\r\nevent: gap\n\n";

const MESSAGES = [
  { id: "a-1", event: "stream:start", data: '{"x":1}' },
  { id: "a-2", event: "message", data: "one\ntwo" },
];

Deno.test("server-sent events are read from one piece", () => {
  assertEquals(new SseReader().read(TEXT), MESSAGES);
});

Deno.test("server-sent events are read wherever their pieces end", () => {
  for (let at = 0; at <= TEXT.length; at++) {
    const reader = new SseReader();
    assertEquals([...reader.read(TEXT.slice(0, at)), ...reader.read(TEXT.slice(at))], MESSAGES, `split at ${at}`);
  }
});

Deno.test("a message that is cut off is none yet", () => {
  const reader = new SseReader();
  assertEquals(reader.read("data: half"), []);
  assertEquals(reader.read(" a word\n\n"), [{ id: undefined, event: "message", data: "half a word" }]);
});
