import { type SharedMemory, slotOf } from "../memory/shared_memory.ts";

/** So many bytes may be on their way; publishers wait beyond that, and copies go on at the newest entry, as viewers do. */
export const MOST_IN_FLIGHT: number = 16 * 1024 * 1024;

/** How long a worker waits at a time for the main isolate to catch up, in milliseconds … */
const WAIT_MS = 50;

/** … and how often: one that does not move for longer has other troubles. */
const MOST_WAITS = 40;

/**
 * How many bytes are on their way from one isolate to another, which takes them from a queue without bounds: the sender
 * counts what it sends, the receiver what it has handled.
 */
export class Flow {
  readonly #handled: Int32Array<SharedArrayBuffer>;
  readonly #at: number;
  #sent = 0;

  /** Of what worker `index` sends to the main isolate, or the other way. */
  constructor(memory: SharedMemory, index: number, to: "main" | "worker") {
    this.#handled = memory.handled;
    this.#at = slotOf(memory, index) * 2 + (to === "main" ? 0 : 1);
  }

  /** Bytes on their way; counts wrap at 32 bits, differences do not. */
  get inFlight(): number {
    return (this.#sent - Atomics.load(this.#handled, this.#at)) | 0;
  }

  /** The sender has sent so many bytes. */
  sent(bytes: number): void {
    this.#sent = (this.#sent + bytes) | 0;
  }

  /** The receiver has handled so many bytes. */
  taken(bytes: number): void {
    Atomics.add(this.#handled, this.#at, bytes);
    Atomics.notify(this.#handled, this.#at);
  }

  /**
   * Holds the sender up until no more than `most` bytes are on their way, which the main isolate must never do. Who sends more
   * than can be handled then waits in its own connection.
   */
  hold(most: number): void {
    for (let waits = 0; waits < MOST_WAITS && this.inFlight > most; waits++) {
      Atomics.wait(this.#handled, this.#at, Atomics.load(this.#handled, this.#at), WAIT_MS);
    }
  }
}
