import type { Clock } from "../kernel/clock.ts";
import { sleep } from "./retries.ts";

/** Packets that are due within so many milliseconds are sent now: timers are not finer. */
const LEAD_MS = 2;

/** Lets packets pass when their time has come. */
export class Pacer {
  readonly #clock: Clock;
  readonly #speed: number;
  /** When the timeline's beginning was, in milliseconds of the clock; undefined before the first packet. */
  #zero?: number;

  /** `speed`: seconds of media in a second; 0 for as many as will go. */
  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = speed;
  }

  /** Waits until a packet is due that is decoded at `dts`, in microseconds; undefined when it is. The first is due at once. */
  due(dts: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#speed === 0) return undefined;
    const offset = dts / 1000 / this.#speed;
    const now = this.#clock.now();
    this.#zero ??= now - offset;
    const early = this.#zero + offset - now;
    return early > LEAD_MS ? sleep(this.#clock, early, signal) : undefined;
  }

  /** Media time has stood still for so many milliseconds. */
  stoodStill(ms: number): void {
    if (this.#zero !== undefined) this.#zero += ms;
  }
}
