import type { Address } from "./address.ts";
import { sharedNow } from "./clock.ts";
import { greeting } from "./greeting.ts";
import { type Percentiles, percentiles } from "../figures.ts";
import { Player, type Use } from "./player.ts";
import { StampScanner } from "./stamp.ts";

/** A crowd to be made. */
export interface CrowdOrder {
  readonly address: Address;
  readonly players: number;
  /** How many connect each second. */
  readonly ramp: number;
  /** How many of the players look for send times in what they get. */
  readonly samples: number;
  /** Players, besides the others, that stop reading after a while. */
  readonly stalled: number;
}

/** What a crowd saw while it was measured; stalled players count in none of it but `stalledClosed`. */
export interface CrowdReport {
  readonly seconds: number;
  readonly bytes: number;
  /** From a picture's sending to its arrival, in milliseconds. */
  readonly latency: Percentiles;
  /** From dialling to the stream's first byte, in milliseconds. */
  readonly firstByte: Percentiles;
  /** Players that were connected and got nothing while they were measured. */
  readonly starved: number;
  /** Players whose connection was refused or is over. */
  readonly closed: number;
  /** Why, for the first of them. */
  readonly closedBecause?: string;
  /** Stalled players that the server has closed. */
  readonly stalledClosed: number;
}

/** How often players are dialled, in milliseconds. */
const DIAL_MS = 5;

/** A stalled player stops reading after so many bytes: by then it plays. */
const STALL_AFTER_BYTES = 64 * 1024;

/** How long a crowd may take to get its first bytes after the last of it has been dialled, in milliseconds. */
const SETTLE_MS = 30_000;

/** Many players of one stream. */
export class Crowd {
  readonly #order: CrowdOrder;
  readonly #players: Player[] = [];
  readonly #stalled: Player[] = [];
  readonly #latencies: number[] = [];
  readonly #bytesBefore = new Map<Player, number>();
  #measuredFrom = 0;

  constructor(order: CrowdOrder) {
    this.#order = order;
  }

  /** Connects everybody; settles when each has got its first byte or a refusal, or has waited long enough. */
  async open(): Promise<void> {
    const { stalled, players } = this.#order;
    await this.#dial(this.#stalled, stalled, stalls);
    await this.#dial(this.#players, players, (index) => this.#useOf(index));
    const deadline = performance.now() + SETTLE_MS;
    while (performance.now() < deadline && !this.#players.every((player) => player.isSettled)) await pause(DIAL_MS);
  }

  /** From now on counts. */
  measure(): void {
    this.#measuredFrom = performance.now();
    this.#latencies.length = 0;
    for (const player of this.#players) this.#bytesBefore.set(player, player.bytes);
  }

  /** What has been counted since {@linkcode Crowd.measure}. */
  report(): CrowdReport {
    const received = this.#players.map((player) => player.bytes - this.#bytesBefore.get(player)!);
    const closed = this.#players.filter((player) => player.closed !== undefined);
    return {
      seconds: (performance.now() - this.#measuredFrom) / 1000,
      bytes: received.reduce((sum, bytes) => sum + bytes, 0),
      latency: percentiles(this.#latencies),
      firstByte: percentiles(this.#players.map((player) => player.firstByteMs).filter((ms) => ms !== undefined)),
      starved: this.#players.filter((player, index) => !player.closed && received[index] === 0).length,
      closed: closed.length,
      closedBecause: closed[0]?.closed,
      stalledClosed: this.#stalled.filter((player) => player.closed !== undefined).length,
    };
  }

  async #dial(into: Player[], count: number, use: (index: number) => Use | undefined): Promise<void> {
    const { address, ramp } = this.#order;
    const words = greeting(address);
    const startedAt = performance.now();
    while (into.length < count) {
      const due = Math.min(count, (performance.now() - startedAt) / 1000 * ramp);
      while (into.length < due) into.push(new Player(address, words, use(into.length)));
      await pause(DIAL_MS);
    }
  }

  /** The samples are spread evenly over the crowd. */
  #useOf(index: number): Use | undefined {
    const { players, samples } = this.#order;
    const every = Math.max(1, Math.floor(players / samples));
    if (index % every !== 0 || index / every >= samples) return undefined;
    const scanner = new StampScanner((sentAt) => this.#latencies.push(sharedNow() - sentAt));
    return {
      onBytes(bytes) {
        scanner.scan(bytes);
        return true;
      },
    };
  }
}

function stalls(): Use {
  let left = STALL_AFTER_BYTES;
  return { onBytes: (bytes) => (left -= bytes.length) > 0 };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
