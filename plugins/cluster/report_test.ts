import { assertEquals } from "@std/assert";
import { loadOf, reportOf } from "./report.ts";
import { held, report } from "./testing_reports.ts";

const GOOD = report("a", { streams: [held("origin"), held("copy via b,c", "vhost:live/cam")] });

Deno.test("a report survives the way as JSON", () => {
  assertEquals(reportOf(JSON.parse(JSON.stringify(GOOD))), GOOD);
});

for (
  const [what, value] of [
    ["nothing", undefined],
    ["a text", "report"],
    ["an id with a comma", { ...GOOD, id: "a,b" }],
    ["an unknown role", { ...GOOD, role: "king" }],
    ["a load below nothing", { ...GOOD, load: { ...GOOD.load, mbps: -1 } }],
    ["a stream without its way", { ...GOOD, streams: [{ stream: "live/cam", kind: "copy", state: "live" }] }],
    ["no streams", { ...GOOD, streams: undefined }],
  ] as const
) {
  Deno.test(`no report: ${what}`, () => assertEquals(reportOf(value), undefined));
}

Deno.test("a node is as full as what it has least left of", () => {
  const { load } = GOOD;
  assertEquals([loadOf(load), loadOf({ ...load, mbps: 250 }), loadOf({ ...load, connections: 900, cpu: 0.5 })], [
    0,
    0.25,
    0.9,
  ]);
});
