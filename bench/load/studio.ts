import { type Percentiles, percentiles } from "../figures.ts";
import type { Address } from "./address.ts";
import { sharedNow } from "./clock.ts";
import { Publisher } from "./publisher.ts";

/** Publishers to be made. */
export interface StudioOrder {
  /** With more than one publisher, each stream's name gets a number behind it. */
  readonly address: Address;
  readonly publishers: number;
  readonly kbps: number;
}

/** What the publishers did while they were measured. */
export interface StudioReport {
  readonly seconds: number;
  readonly bytes: number;
  /** How much after their time frames were sent, in milliseconds: beyond a few, the load is its own bottleneck. */
  readonly late: Percentiles;
  readonly closed: number;
  readonly closedBecause?: string;
}

/** Time over which the streams begin, so that they do not all send at the same moment, in milliseconds. */
const SPREAD_MS = 1000;

/** Publishers, paced together by one loop. */
export class Studio {
  readonly #publishers: Publisher[] = [];
  readonly #order: StudioOrder;
  readonly #late: number[] = [];
  #bytesBefore = 0;
  #measuredFrom = 0;

  constructor(order: StudioOrder) {
    this.#order = order;
  }

  /**
   * Begins to publish.
   *
   * @throws {Error} when the server refuses one
   */
  async open(): Promise<void> {
    const { address, publishers, kbps } = this.#order;
    for (let index = 0; index < publishers; index++) {
      const stream = publishers > 1 ? `${address.stream}${index}` : address.stream;
      const publisher = new Publisher({ ...address, stream }, kbps);
      this.#publishers.push(publisher);
      await publisher.open();
    }
    const now = sharedNow();
    for (const [index, publisher] of this.#publishers.entries()) {
      publisher.startAt(now + index * SPREAD_MS / publishers);
    }
    void this.#run();
  }

  /** From now on counts. */
  measure(): void {
    this.#measuredFrom = performance.now();
    this.#bytesBefore = this.#bytes;
    this.#late.length = 0;
  }

  /** What has been counted since {@linkcode Studio.measure}. */
  report(): StudioReport {
    const closed = this.#publishers.filter((publisher) => publisher.closed);
    return {
      seconds: (performance.now() - this.#measuredFrom) / 1000,
      bytes: this.#bytes - this.#bytesBefore,
      late: percentiles(this.#late),
      closed: closed.length,
      closedBecause: closed[0]?.closed,
    };
  }

  get #bytes(): number {
    return this.#publishers.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #run(): Promise<void> {
    while (true) {
      const next = this.#sendDue();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - sharedNow())));
    }
  }

  /** Sends all that is due; tells when the next frame is. */
  #sendDue(): number {
    let next = Infinity;
    for (const publisher of this.#publishers) {
      for (let now = sharedNow(); publisher.dueAt <= now; now = sharedNow()) {
        this.#late.push(now - publisher.dueAt);
        publisher.sendNext();
      }
      next = Math.min(next, publisher.dueAt);
    }
    return next;
  }
}
