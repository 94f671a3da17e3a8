import { assertEquals } from "@std/assert";
import { accessLine, type AccessRecord, loggedTarget } from "./access_log.ts";

const RECORD: AccessRecord = {
  date: new Date("2026-01-01T10:00:00Z"),
  address: "192.0.2.1:5000",
  method: "GET",
  target: "/flv/live/cam/index.flv",
  status: 206,
  bytes: 10,
  seconds: 1.23456,
  range: "bytes=0-9",
  userAgent: "curl/8",
};

Deno.test("a line says who asked for what, and what came of it", () => {
  assertEquals(
    accessLine(RECORD),
    '2026-01-01T10:00:00.000Z 192.0.2.1:5000 "GET /flv/live/cam/index.flv" 206 10 1.235s "bytes=0-9" "curl/8"',
  );
  assertEquals(
    accessLine({ ...RECORD, range: undefined, userAgent: undefined }),
    '2026-01-01T10:00:00.000Z 192.0.2.1:5000 "GET /flv/live/cam/index.flv" 206 10 1.235s - -',
  );
});

Deno.test("what a client sends cannot end a line, forge a field or fill the disk", () => {
  const userAgent = 'x" 200\r\n\u001b[31m\u202e' + "y".repeat(10_000);
  const line = accessLine({ ...RECORD, userAgent });
  assertEquals(line.split('"').length, 7);
  assertEquals(/^[\x20-\x7e]+$/.test(line), true);
  assertEquals(line.length < 700, true);
});

const TARGETS: [target: string, logged: string][] = [
  ["/a", "/a"],
  ["/a?key=sesame", "/a"],
  ["/a?start=5&token=sesame", "/a?start=5"],
  ["/a?token=start=5", "/a"],
  ["/a?start=5;key=sesame", "/a"],
  ["/api/v1/files?stream=live/cam&limit=5&sign=x", "/api/v1/files?stream=live/cam&limit=5"],
  ["/a#start=5", "/a"],
  ["/a?", "/a"],
];

for (const [target, logged] of TARGETS) {
  Deno.test(`of ${target} the log has ${logged}`, () => assertEquals(loggedTarget(target), logged));
}
