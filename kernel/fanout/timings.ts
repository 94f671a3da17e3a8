/** Hears of times that the kernel takes at its work; one who listens costs nothing that grows with the players. */
export interface TimingListener {
  /** So many players were woken for what a stream has new, which took so many seconds. */
  onFlush(readers: number, seconds: number): void;
  /** A player is given its first bytes, so many seconds after it was let in. */
  onFirstBytes(protocol: string, seconds: number): void;
  /** The event loop of a worker, counted from 1, is so many seconds later than it should be; told once a second. */
  onWorkerLag?(worker: number, seconds: number): void;
}

/** Where those who keep figures of the kernel's times listen. */
export interface Timings {
  /** Listens from now on; disposing takes that back. */
  listen(listener: TimingListener): Disposable;
}

/** The kernel's timings: it tells them here. */
export class ToldTimings implements Timings {
  readonly #listeners = new Set<TimingListener>();

  listen(listener: TimingListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  flushed(readers: number, seconds: number): void {
    for (const listener of this.#listeners) listener.onFlush(readers, seconds);
  }

  firstBytes(protocol: string, seconds: number): void {
    for (const listener of this.#listeners) listener.onFirstBytes(protocol, seconds);
  }

  workerLag(worker: number, seconds: number): void {
    for (const listener of this.#listeners) listener.onWorkerLag?.(worker, seconds);
  }
}
