import { type Clock, every, type Timer } from "../../clock.ts";
import type { SinkControl, SinkRun } from "../../streams/sinks.ts";
import type { Post, WorkerWord } from "../messages.ts";

/** How often the main isolate is told what sinks do, if it has changed, in milliseconds. */
const REPORT_MS = 1000;

/** Tells the main isolate what the sinks of a worker do. */
export class SinkReport implements Disposable {
  /** Those that there are. */
  readonly sinks = new Set<SinkControl>();
  readonly #post: Post<WorkerWord>;
  readonly #timer: Timer;
  #told = "[]";

  constructor(clock: Clock, post: Post<WorkerWord>) {
    this.#post = post;
    this.#timer = every(clock, REPORT_MS, () => this.tell());
  }

  /**
   * The sink of this name.
   *
   * @throws {RangeError} when there is none
   */
  find(name: string): SinkControl {
    for (const sink of this.sinks) if (sink.name === name) return sink;
    throw new RangeError(`There is no sink ${name} in this worker`);
  }

  /** Tells what has changed. */
  tell(): void {
    const runs = [...this.sinks].map((sink) => [sink.name, sink.runs.map(sent)] as const);
    const text = JSON.stringify(runs);
    if (text === this.#told) return;
    this.#told = text;
    this.#post({ type: "sinks", runs: new Map(runs) });
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}

/** A run as it crosses: some of its members are looked up when they are read. */
function sent({ stream, state, since, problem }: SinkRun): SinkRun {
  return { stream, state, since, problem };
}
