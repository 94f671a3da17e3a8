import type { ConnectionCounts } from "../../front/connection_counts.ts";
import type { PortSharing } from "../../front/open_port.ts";
import { fnv1a, FNV_BASIS } from "../fnv.ts";

/** The memory that all workers of a server share with its main isolate. */
export interface SharedMemory {
  readonly workers: number;
  /** For each worker: which of its two slots counts, 0 or 1. */
  readonly current: Int32Array<SharedArrayBuffer>;
  /** For each slot: connections, those accepted of each port, and those by address. */
  readonly counts: Int32Array<SharedArrayBuffer>;
  /** For each slot: bytes handled by the main isolate, and by the worker. */
  readonly handled: Int32Array<SharedArrayBuffer>;
}

/** A server listens on so many ports at most. */
export const MAX_PORTS = 64;

/**
 * Addresses are counted in so many rows of so many columns each, in a column of each row that a hash of the address says.
 * Others may be counted there too, but hardly in all rows: the smallest count is that of the address (a count-min sketch).
 */
const ROWS = 4;
const COLUMNS = 16_384;

const PER_WORKER = 1 + MAX_PORTS + ROWS * COLUMNS;

/** A worker that is gone may count on for a moment: its successor has the other slot, and what is gone does not count. */
const SLOTS = 2;

/** Memory for so many workers. */
export function shareMemory(workers: number): SharedMemory {
  return {
    workers,
    current: shared(workers),
    counts: shared(workers * SLOTS * PER_WORKER),
    handled: shared(workers * SLOTS * 2),
  };
}

/** The slot of the worker that runs in this place, to be looked up once when it begins. */
export function slotOf({ current }: SharedMemory, index: number): number {
  return index * SLOTS + Atomics.load(current, index);
}

/** Forgets what a worker that is gone has counted, and counts from now on; the next one in its place begins with nothing. */
export function forgetWorker(memory: SharedMemory, index: number): void {
  const { current, counts, handled } = memory;
  const other = (Atomics.load(current, index) + 1) % SLOTS;
  const slot = index * SLOTS + other;
  for (let at = slot * PER_WORKER; at < (slot + 1) * PER_WORKER; at++) Atomics.store(counts, at, 0);
  for (const at of [slot * 2, slot * 2 + 1]) Atomics.store(handled, at, 0);
  Atomics.store(current, index, other);
}

/** The connections of all workers; one of them counts its own here. */
export class SharedCounts implements ConnectionCounts {
  readonly #memory: SharedMemory;
  readonly #start: number;

  constructor(memory: SharedMemory, index: number) {
    this.#memory = memory;
    this.#start = slotOf(memory, index) * PER_WORKER;
  }

  get connections(): number {
    return this.#sum(0);
  }

  count(change: 1 | -1): void {
    Atomics.add(this.#memory.counts, this.#start, change);
  }

  ofAddress(ip: string): number {
    let least = Infinity;
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.#sum(placeOf(ip, row)));
    return least;
  }

  countAddress(ip: string, change: 1 | -1): void {
    for (let row = 0; row < ROWS; row++) Atomics.add(this.#memory.counts, this.#start + placeOf(ip, row), change);
  }

  /** What is shared of a port. */
  port(slot: number): PortSharing {
    const { counts, workers } = this.#memory;
    const accepted = () => this.#sum(1 + slot);
    return {
      sharers: workers,
      get accepted() {
        return accepted();
      },
      count: () => void Atomics.add(counts, this.#start + 1 + slot, 1),
    };
  }

  #sum(place: number): number {
    const { counts, workers } = this.#memory;
    let sum = 0;
    for (let worker = 0; worker < workers; worker++) {
      sum += Atomics.load(counts, slotOf(this.#memory, worker) * PER_WORKER + place);
    }
    return sum;
  }
}

function shared(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

/** Where an address is counted in a row: a hash that is begun differently for each row. */
function placeOf(ip: string, row: number): number {
  let hash = fnv1a(ip, FNV_BASIS ^ Math.imul(row + 1, 0x9e3779b1));
  hash ^= hash >>> 15;
  return 1 + MAX_PORTS + row * COLUMNS + (hash >>> 0) % COLUMNS;
}
