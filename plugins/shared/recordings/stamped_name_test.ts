import { assertEquals } from "@std/assert";
import { newestName, stampedName } from "./stamped_name.ts";

const NAMES: [name: string, start: string | undefined, number?: number][] = [
  ["20260102_030405.flv", "2026-01-02T03:04:05.000Z", 1],
  ["20260102_030405", "2026-01-02T03:04:05.000Z", 1],
  ["20260102_030405-2.flv", "2026-01-02T03:04:05.000Z", 2],
  ["20260102_030405_12.mp4", "2026-01-02T03:04:05.000Z", 12],
  ["20261302_030405.flv", undefined],
  ["20260102_250405.flv", undefined],
  ["x20260102_030405.flv", undefined],
  ["20260102_030405.flv.bak", undefined],
  ["20260102.flv", undefined],
  ["index.flv", undefined],
  ["", undefined],
];

for (const [name, start, number] of NAMES) {
  Deno.test(`"${name}" says ${start ? `that it began at ${start}, number ${number}` : "nothing of when it began"}`, () => {
    const stamp = stampedName(name);
    assertEquals([stamp?.start.toISOString(), stamp?.number], [start, number]);
  });
}

Deno.test("the newest is the one that began last, whatever the order", () => {
  const names = ["20260102_000000.flv", "20260102_000000-10.flv", "20260102_000000-9.flv", "20260101_235959.flv"];
  assertEquals(newestName(names, "flv"), "20260102_000000-10.flv");
  assertEquals(newestName(names.toReversed(), "flv"), "20260102_000000-10.flv");
});

Deno.test("other files are not the newest recording", () => {
  assertEquals(newestName(["20270101_000000.mp4", "zzz.flv", "20260101_000000.flv"], "flv"), "20260101_000000.flv");
  assertEquals(newestName(["zzz.flv"], "flv"), undefined);
});
