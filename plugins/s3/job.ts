import type { Clock, Timer } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import { Backoff } from "../shared/relay/backoff.ts";
import { StoreError } from "./store_error.ts";
import type { Work } from "./work.ts";

/** The pauses after failures, in milliseconds: a store that is down is asked twelve times an hour. */
const FIRST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 300_000;

/** What jobs work with. */
export interface JobHost {
  readonly clock: Clock;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** A step has failed, and will be tried again. */
  failed(job: Job, error: unknown): void;
  /** Everything is confirmed, or there is nothing any more. */
  ended(job: Job, how: "done" | "gone"): void;
}

/** Why a job waits. */
export interface JobFailure {
  readonly problem: string;
  /** When it failed first of all. */
  readonly since: Date;
  /** How often since then. */
  readonly attempts: number;
  readonly retryAt: Date;
}

/** Carries an upload on whenever there is something to do, and tries again what fails, after growing pauses. */
export class Job {
  readonly id: number;
  readonly stream: string;
  readonly path: string;
  /** While it waits after a failure, or tries again. */
  failure?: JobFailure;
  readonly #work: Work;
  readonly #host: JobHost;
  readonly #backoff = new Backoff({ firstMs: FIRST_PAUSE_MS, mostMs: MOST_PAUSE_MS });
  #running?: Promise<void>;
  #timer?: Timer;
  #isWanted = false;

  constructor({ id, stream, path }: Pick<Job, "id" | "stream" | "path">, work: Work, host: JobHost) {
    this.id = id;
    this.stream = stream;
    this.path = path;
    this.#work = work;
    this.#host = host;
  }

  /** Something may have changed. While it waits after a failure, that is looked at when it tries again. */
  wake(): void {
    this.#work.changed();
    if (!this.#timer) this.#start();
  }

  /** Tries again at once. */
  retry(): void {
    this.#disarm();
    this.#start();
  }

  /** Settles when nothing is at work any more; for when the signal has aborted. */
  async stopped(): Promise<void> {
    this.#disarm();
    await this.#running;
  }

  #start(): void {
    this.#isWanted = true;
    if (!this.#host.signal.aborted) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#host;
    try {
      while (this.#isWanted && !signal.aborted) {
        this.#isWanted = false;
        const progress = await this.#work.step(signal);
        this.#succeeded();
        if (progress === "more") this.#isWanted = true;
        if (progress === "done" || progress === "gone") return this.#host.ended(this, progress);
      }
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    } finally {
      this.#running = undefined;
    }
  }

  #succeeded(): void {
    this.failure = undefined;
    this.#backoff.reset();
  }

  #failed(error: unknown): void {
    const { clock } = this.#host;
    const now = clock.date();
    const wished = error instanceof StoreError ? Math.min(MOST_PAUSE_MS, error.pauseMs) : 0;
    const pauseMs = Math.max(this.#backoff.next(), wished);
    this.failure = {
      problem: errorText(error),
      since: this.failure?.since ?? now,
      attempts: (this.failure?.attempts ?? 0) + 1,
      retryAt: new Date(now.getTime() + pauseMs),
    };
    this.#timer = clock.setTimeout(() => this.retry(), pauseMs);
    this.#host.failed(this, error);
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
