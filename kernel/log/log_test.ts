import { assertEquals, assertMatch } from "@std/assert";
import { createLogger, levelFor, type LogLevel, type LogLevels, type LogRecord, silentLogger } from "./log.ts";
import { FakeClock } from "../testing/fake_clock.ts";

const clock = new FakeClock(new Date("2026-03-04T05:06:07.890Z"));

function recording(levels?: Parameters<typeof createLogger>[0]["levels"]) {
  const records: LogRecord[] = [];
  return { records, log: createLogger({ sink: (record) => records.push(record), levels, clock }) };
}

Deno.test("a line is one record of category, level, message, time and fields", () => {
  const { records, log } = recording();
  log.child("rtmp").warn("Cannot read a chunk", { bytes: 12 });
  assertEquals(records, [{
    category: ["sluice", "rtmp"],
    level: "warning",
    message: ["Cannot read a chunk"],
    rawMessage: "Cannot read a chunk",
    timestamp: Date.parse("2026-03-04T05:06:07.890Z"),
    properties: { bytes: 12 },
  }]);
});

Deno.test("every method writes its own level", () => {
  const { records, log } = recording({ "*": "debug" });
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assertEquals(records.map((record) => record.level), ["debug", "info", "warning", "error"]);
});

Deno.test("with() adds fields to every line of the new logger only, and a line's own fields win", () => {
  const { records, log } = recording();
  const session = log.with({ id: "1", remote: "::1" }).child("rtmp.session");
  session.info("a", { remote: "::2" });
  log.info("b");
  assertEquals(records.map((record) => record.properties), [{ id: "1", remote: "::2" }, {}]);
  assertEquals(records[0].category, ["sluice", "rtmp", "session"]);
});

const LEVELS: readonly { levels: LogLevels; category: readonly string[]; level: LogLevel }[] = [
  { levels: {}, category: ["rtmp"], level: "info" },
  { levels: { "*": "warn" }, category: ["rtmp"], level: "warn" },
  { levels: { rtmp: "debug" }, category: ["rtmp"], level: "debug" },
  { levels: { rtmp: "debug" }, category: ["rtmp", "session"], level: "debug" },
  { levels: { rtmp: "debug" }, category: ["rtmps"], level: "info" },
  { levels: { rtmp: "debug", "*": "error" }, category: ["hls"], level: "error" },
  { levels: { "*": "error", rtmp: "debug" }, category: [], level: "error" },
  { levels: { rtmp: "debug", "rtmp.session": "off" }, category: ["rtmp", "session"], level: "off" },
];

for (const { levels, category, level } of LEVELS) {
  Deno.test(`levels ${JSON.stringify(levels)} give ${category.join(".") || "the root"} ${level}`, () => {
    assertEquals(levelFor(levels, category), level);
  });
}

Deno.test("what is below the category's level is not made into a record", () => {
  const { records, log } = recording({ "*": "warn", rtmp: "debug", hls: "off" });
  log.info("no");
  log.child("hls").error("no");
  log.child("rtmp").debug("yes");
  assertEquals(records.map((record) => record.message[0]), ["yes"]);
});

Deno.test("no secret reaches a sink, neither in the message nor in the fields of any logger on the way", () => {
  const { records, log } = recording();
  log.with({ streamKey: "s3cr3t", target: "rtmp://u:s3cr3t@host/app?k=s3cr3t" })
    .error("Cannot publish live/cam?key=s3cr3t", {
      error: new Error("refused token=s3cr3t"),
      nested: [{ token: "s3cr3t" }],
    });
  assertMatch(JSON.stringify(records), /^((?!s3cr3t).)*$/);
});

Deno.test("a sink that throws harms nobody", () => {
  const log = createLogger({
    clock,
    sink: () => {
      throw new Error("disk full");
    },
  });
  log.error("still here");
});

Deno.test("the silent logger and its children do not even look at what they are given", () => {
  let looks = 0;
  const fields = {
    get seen() {
      return ++looks;
    },
  };
  for (const log of [silentLogger, silentLogger.with({ a: 1 }).child("x")]) log.error("nothing", fields);
  assertEquals(looks, 0);
});
