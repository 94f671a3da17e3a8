import type { Clock, Timer } from "../clock.ts";
import type { Logger } from "./log.ts";

/** How many different messages are counted at once; beyond it the oldest is reported early, so memory stays bounded. */
export const MAX_REPEATED_MESSAGES = 256;

type Level = "debug" | "info" | "warn" | "error";

/** A {@linkcode Logger} whose lines are counted; disposing it reports what is still counted. */
export interface RepeatedLogger extends Pick<Logger, Level>, Disposable {}

/**
 * A logger for trouble that a peer can cause at any rate: of equal messages of one level, one line an interval.
 *
 * The first is logged at once; those that follow within `intervalMs` are counted and reported together at its end, with
 * the fields of the newest: `… 41 more`.
 */
export function repeated(logger: Logger, intervalMs: number, clock: Clock): RepeatedLogger {
  return new CountingLogger(logger, intervalMs, clock);
}

interface Count {
  readonly level: Level;
  readonly message: string;
  more: number;
  fields: Record<string, unknown> | undefined;
  timer: Timer;
}

class CountingLogger implements RepeatedLogger {
  readonly #counts = new Map<string, Count>();
  readonly #logger: Logger;
  readonly #intervalMs: number;
  readonly #clock: Clock;

  constructor(logger: Logger, intervalMs: number, clock: Clock) {
    this.#logger = logger;
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  debug = (message: string, fields?: Record<string, unknown>) => this.#log("debug", message, fields);
  info = (message: string, fields?: Record<string, unknown>) => this.#log("info", message, fields);
  warn = (message: string, fields?: Record<string, unknown>) => this.#log("warn", message, fields);
  error = (message: string, fields?: Record<string, unknown>) => this.#log("error", message, fields);

  [Symbol.dispose](): void {
    for (const key of [...this.#counts.keys()]) this.#report(key);
  }

  #log(level: Level, message: string, fields?: Record<string, unknown>): void {
    const key = `${level} ${message}`;
    const count = this.#counts.get(key);
    if (count) {
      count.more++;
      count.fields = fields;
      return;
    }
    this.#logger[level](message, fields);
    this.#begin(key, level, message);
  }

  #begin(key: string, level: Level, message: string): void {
    if (this.#counts.size >= MAX_REPEATED_MESSAGES) this.#report(this.#counts.keys().next().value ?? key);
    const timer = this.#clock.setTimeout(() => this.#intervalEnds(key), this.#intervalMs);
    this.#counts.set(key, { level, message, more: 0, fields: undefined, timer });
  }

  #intervalEnds(key: string): void {
    const count = this.#report(key);
    if (count && count.more > 0) this.#begin(key, count.level, count.message);
  }

  #report(key: string): Count | undefined {
    const count = this.#counts.get(key);
    if (!count) return undefined;
    this.#counts.delete(key);
    count.timer[Symbol.dispose]();
    if (count.more > 0) this.#logger[count.level](`${count.message} … ${count.more} more`, count.fields);
    return count;
  }
}
