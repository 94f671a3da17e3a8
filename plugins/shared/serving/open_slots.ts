/** Something that has a file open and can do without for a while. */
export interface SlotHolder {
  /** Gives its file back; settles when it is closed. */
  yieldSlot(): Promise<void>;
}

/**
 * So many files may be open at once. Who wants one more has it from whoever used his longest ago; when all are in use he
 * waits, for as long as one read takes.
 */
export class OpenSlots {
  readonly #limit: number;
  #taken = 0;
  /** Those who have a file open and do not read just now, the one that read last at the end. */
  readonly #idle = new Set<SlotHolder>();
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many files are open. */
  get taken(): number {
    return this.#taken;
  }

  /** Settles when a file may be opened. */
  async take(): Promise<void> {
    if (this.#taken < this.#limit) return void this.#taken++;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#serve();
    await promise;
  }

  /** A file has been closed, or could not be opened. */
  give(): void {
    this.#taken--;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#taken++;
    next();
  }

  /** The holder reads: its file is not to be closed. */
  busy(holder: SlotHolder): void {
    this.#idle.delete(holder);
  }

  /** The holder has read, and still has its file open. */
  idle(holder: SlotHolder): void {
    this.#idle.add(holder);
    this.#serve();
  }

  #serve(): void {
    if (this.#waiting.length === 0) return;
    for (const holder of this.#idle) {
      this.#idle.delete(holder);
      void holder.yieldSlot();
      return;
    }
  }
}
