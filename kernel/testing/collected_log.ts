import { createLogger, type Logger, type LogLevel, type LogRecord, type Sink } from "../log/log.ts";
import { FakeClock } from "./fake_clock.ts";

/** A log that is kept in memory. */
export interface CollectedLog {
  readonly log: Logger;
  readonly sink: Sink;
  readonly records: LogRecord[];
  /** `level message` of each line, by default of those from `info` on. */
  lines(least?: "debug" | "info"): string[];
}

/** Collects what is logged, `debug` and all. */
export function collectLog(level: LogLevel = "debug", clock = new FakeClock()): CollectedLog {
  const records: LogRecord[] = [];
  const sink: Sink = (record) => void records.push(record);
  return {
    log: createLogger({ sink, levels: { "*": level }, clock }),
    sink,
    records,
    lines: (least = "info") =>
      records.filter((record) => least === "debug" || record.level !== "debug")
        .map((record) => `${record.level} ${record.message.join("")}`),
  };
}
