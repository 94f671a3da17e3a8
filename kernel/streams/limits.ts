import { type Clock, every, type Timer } from "../clock.ts";
import { Refusal } from "../reasons.ts";
import type { SessionJson } from "../sessions/session.ts";

/** Limits of the whole server; 0 for none. */
export interface ServerLimits {
  /** Streams that are published at once. */
  readonly streams: number;
  /** Players at once, of all streams. */
  readonly viewers: number;
  /** Megabits per second that go out; beyond it no further player is let in. */
  readonly egressMbps: number;
}

/** A stream, as far as limits are concerned. */
export interface LimitedStream {
  readonly id: string;
  readonly state: "waiting" | "live" | "interrupted" | "ended";
  readonly viewers: number;
}

/** What limits are checked against. */
export interface LimitsHost {
  readonly limits: ServerLimits;
  readonly streams: Iterable<LimitedStream>;
  /** Megabits per second that go out now. */
  readonly egressMbps: number;
}

/**
 * Lets a stream begin that nobody publishes yet.
 *
 * @throws {Refusal} when there are as many as may be
 */
export function admitStream({ id }: LimitedStream, { limits, streams }: LimitsHost): void {
  if (limits.streams === 0) return;
  let published = 0;
  for (const { state } of streams) if (state === "live" || state === "interrupted") published++;
  if (published < limits.streams) return;
  throw new Refusal("limit", `Cannot publish ${id}: all ${limits.streams} streams of this server are in use`);
}

/**
 * Lets a player in; `most` is how many its stream may have, 0 for no limit.
 *
 * @throws {Refusal} when stream or server have as many as may be, or the server sends as much as it may
 */
export function admitViewer({ id, viewers }: LimitedStream, most: number, host: LimitsHost): void {
  if (most > 0 && viewers >= most) throw new Refusal("limit", `Cannot play ${id}: it has its ${most} players`);
  const { limits } = host;
  if (limits.viewers > 0) {
    let all = 0;
    for (const stream of host.streams) all += stream.viewers;
    if (all >= limits.viewers) {
      throw new Refusal("limit", `Cannot play ${id}: this server has its ${limits.viewers} players`);
    }
  }
  if (limits.egressMbps > 0 && host.egressMbps >= limits.egressMbps) {
    throw new Refusal("limit", `Cannot play ${id}: this server sends its ${limits.egressMbps} Mbit/s`);
  }
}

/** How often what has gone out is counted, in milliseconds. */
const SAMPLE_MS = 1000;

/** Over so many samples the rate is taken: what one key frame adds is to lock nobody out. */
const SAMPLES = 3;

/** Measures what all sessions send, while somebody wants to know. */
export class EgressMeter implements Disposable {
  readonly #clock: Clock;
  readonly #sessions: Iterable<{ readonly bytesOut: number }>;
  /** Bytes of all sessions at the last samples, the newest last. */
  #totals: number[] = [];
  #ended = 0;
  #timer?: Timer;

  constructor(clock: Clock, sessions: Iterable<{ readonly bytesOut: number }>) {
    this.#clock = clock;
    this.#sessions = sessions;
  }

  /** Begins to measure, or ends it. */
  set isOn(isOn: boolean) {
    if (isOn === (this.#timer !== undefined)) return;
    this.#timer?.[Symbol.dispose]();
    this.#totals = isOn ? [this.#total()] : [];
    this.#timer = isOn ? every(this.#clock, SAMPLE_MS, () => this.#sample()) : undefined;
  }

  /** Megabits per second over the last seconds; 0 as long as nothing has been measured. */
  get mbps(): number {
    const samples = this.#totals;
    if (samples.length < 2) return 0;
    const bytes = samples[samples.length - 1] - samples[0];
    return bytes * 8 / 1e6 / ((samples.length - 1) * SAMPLE_MS / 1000);
  }

  /** Keeps what a session has sent, now that it is over. */
  ended({ bytesOut }: Pick<SessionJson, "bytesOut">): void {
    this.#ended += bytesOut;
  }

  [Symbol.dispose](): void {
    this.isOn = false;
  }

  #sample(): void {
    this.#totals = [...this.#totals, this.#total()].slice(-SAMPLES - 1);
  }

  #total(): number {
    let bytes = this.#ended;
    for (const { bytesOut } of this.#sessions) bytes += bytesOut;
    return bytes;
  }
}
