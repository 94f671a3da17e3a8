import type { LogLevel as RecordLevel, Sink } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import { maskFields, maskText } from "./mask.ts";

export type { LogRecord, Sink } from "@logtape/logtape";
export { defaultSink, jsonLinesSink, terminalSink } from "./sinks.ts";

/** How much is logged, from most to least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;

/** The least severity that is logged; `off` for none. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Least severity by category; the longest prefix of a category counts, `*` is for all others.
 *
 * Prefixes are dotted and without the leading "sluice": `{ "rtmp": "debug", "rtmp.session": "warn", "*": "info" }`.
 */
export type LogLevels = Readonly<Record<string, LogLevel>>;

/** Writes one line of the log, under one category; secrets in message and fields are masked. */
export type LogMethod = (message: string, fields?: Record<string, unknown>) => void;

/** Where a part of the server says what happens. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** The same logger, with these fields on every line. */
  with(fields: Record<string, unknown>): Logger;
  /** A logger for a part of this one's category. */
  child(category: string): Logger;
}

/** The levels that settings name: one for all, and others for parts. */
export function levelsOf({ level, levels }: { readonly level: LogLevel; readonly levels: LogLevels }): LogLevels {
  return { "*": level, ...levels };
}

/** Levels that can be changed while loggers use them. */
export class LogThresholds {
  /** Another number each time they change. */
  version = 0;
  #levels: LogLevels = {};

  /** In force now. */
  get levels(): LogLevels {
    return this.#levels;
  }

  /** Takes others from now on, for all loggers made with these. */
  set(levels: LogLevels): void {
    this.#levels = levels;
    this.version++;
  }
}

/** What a logger is made of. */
export interface LoggerOptions {
  readonly sink: Sink;
  /** Defaults to `info` for all. */
  readonly levels?: LogLevels | LogThresholds;
  readonly clock: Pick<Clock, "date">;
}

const ROOT = "sluice";
const DEFAULT_LEVEL: LogLevel = "info";

/** The root logger, of category `["sluice"]`. A sink that throws loses its record and harms nobody. */
export function createLogger(options: LoggerOptions): Logger {
  return new CategoryLogger(options, [ROOT], {});
}

/** The least severity logged under a category without its root: its longest prefix in `levels`, else `*`, else `info`. */
export function levelFor(levels: LogLevels, category: readonly string[]): LogLevel {
  for (let length = category.length; length > 0; length--) {
    const level = levels[category.slice(0, length).join(".")];
    if (level) return level;
  }
  return levels["*"] ?? DEFAULT_LEVEL;
}

class CategoryLogger implements Logger {
  readonly #options: LoggerOptions;
  readonly #category: readonly string[];
  readonly #fields: Record<string, unknown>;
  #least: number;
  /** Of the levels that `#least` was taken from. */
  #version: number;

  constructor(
    options: LoggerOptions,
    category: readonly string[],
    fields: Record<string, unknown>,
    least = 0,
    version = -1,
  ) {
    this.#options = options;
    this.#category = category;
    this.#fields = fields;
    this.#least = least;
    this.#version = version;
  }

  /** The severity from which lines are written; looked up again only when levels have changed. */
  get #threshold(): number {
    const { levels = {} } = this.#options;
    const isLive = levels instanceof LogThresholds;
    const version = isLive ? levels.version : 0;
    if (version !== this.#version) {
      this.#version = version;
      this.#least = LOG_LEVELS.indexOf(levelFor(isLive ? levels.levels : levels, this.#category.slice(1)));
    }
    return this.#least;
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#log(0, "debug", message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#log(1, "info", message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#log(2, "warning", message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#log(3, "error", message, fields);
  }

  with(fields: Record<string, unknown>): Logger {
    return new CategoryLogger(
      this.#options,
      this.#category,
      { ...this.#fields, ...fields },
      this.#least,
      this.#version,
    );
  }

  child(category: string): Logger {
    return new CategoryLogger(this.#options, [...this.#category, ...category.split(".")], this.#fields);
  }

  #log(severity: number, level: RecordLevel, message: string, fields?: Record<string, unknown>): void {
    if (severity < this.#threshold) return;
    const masked = maskText(message);
    try {
      this.#options.sink({
        category: this.#category,
        level,
        message: [masked],
        rawMessage: masked,
        timestamp: this.#options.clock.date().getTime(),
        properties: maskFields({ ...this.#fields, ...fields }),
      });
    } catch {
      // A full disk or a closed terminal must not end a stream.
    }
  }
}

/** A logger that says nothing. */
export const silentLogger: Logger = createLogger({
  sink: () => {},
  levels: { "*": "off" },
  clock: { date: () => new Date(0) },
});
