/** What a sink does with one stream just now: `waiting` after a failure, until it tries again. */
export type SinkState = "writing" | "waiting";

/** One stream that a sink writes. */
export interface SinkRun {
  /** The stream's id. */
  readonly stream: string;
  readonly state: SinkState;
  readonly since: Date;
  /** Why it waits, or what of it does not work although it goes on, in words. */
  readonly problem?: string;
}

/** A plugin that writes streams down, as those see it who oversee the server: the API, the dashboard. */
export interface SinkControl {
  /** The plugin's name. */
  readonly name: string;
  /** What it writes now. */
  readonly runs: readonly SinkRun[];
  /**
   * Writes a stream from now on, whatever the rules say, until it ends or is stopped; nothing happens when it is written.
   * A promise settles when that has begun.
   *
   * @throws {RangeError} when nothing is live under this id
   */
  start(stream: string): void | Promise<void>;
  /**
   * Stops writing a stream and completes what was written; it is not written again until it has ended.
   *
   * @throws {RangeError} when it is not written
   */
  stop(stream: string): Promise<void>;
}
