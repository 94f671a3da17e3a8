import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import { expandPath, stampOf, templateFault } from "./path_template.ts";

const FACTS = {
  vhost: DEFAULT_VHOST,
  app: "live",
  stream: "cam",
  date: new Date("2026-03-04T05:06:07.890Z"),
  session: "k3f9",
  seq: 2,
};

const CASES = [
  { template: "{app}/{stream}/{date}_{time}.flv", path: "live/cam/20260304_050607.flv" },
  { template: "{vhost}/{app}/{stream}/{session}", path: "live/cam/k3f9" },
  { template: "{app}-{stream}/{date}/{time}-{seq}.flv", path: "live-cam/20260304/050607-2.flv" },
];

for (const { template, path } of CASES) {
  Deno.test(`the template ${template} makes ${path}`, () => assertEquals(expandPath(template, FACTS), path));
}

Deno.test("a vhost has a folder of its own", () => {
  const facts = { ...FACTS, vhost: "tv.example" };
  assertEquals(expandPath("{vhost}/{app}/{stream}/{session}", facts), "tv.example/live/cam/k3f9");
});

const FAULTS = [
  { template: "", fault: "relative path" },
  { template: "/{app}/{stream}/{session}", fault: "relative path" },
  { template: "{app}//{stream}{session}", fault: "relative path" },
  { template: "{app}/../{stream}/{session}", fault: "begin with a dot" },
  { template: ".{app}/{stream}/{session}", fault: "begin with a dot" },
  { template: "{app}/{stream}/{session} ", fault: "relative path" },
  { template: "{app}\\{stream}\\{session}", fault: "relative path" },
  { template: "{app}/{stream}/{when}", fault: "{when} is not one of {vhost}" },
  { template: "{app}/{date}{time}", fault: "needs {stream}" },
  { template: "{app}/{stream}/{date}", fault: "{date} and {time}, or {session}" },
  { template: "{app/{stream}/{session}", fault: "relative path" },
];

for (const { template, fault } of FAULTS) {
  Deno.test(`"${template}" is no template: ${fault}`, () => {
    assertMatch(templateFault(template) ?? "", new RegExp(fault.replace(/[{}]/g, "\\$&")));
    assertThrows(() => expandPath(template, FACTS), TypeError, fault);
  });
}

Deno.test("no value leads out of the folder, however it is made", () => {
  const text = fc.string({ maxLength: 300 });
  fc.assert(fc.property(text, text, text, text, (vhost, app, stream, session) => {
    const path = expandPath("{vhost}/{app}/{stream}/{session}.flv", { ...FACTS, vhost, app, stream, session });
    for (const part of path.split("/")) assertMatch(part, /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/);
  }));
});

Deno.test("a time is written in UTC", () => assertEquals(stampOf(FACTS.date), "20260304_050607"));
