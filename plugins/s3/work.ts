import type { Clock } from "../../kernel/clock.ts";
import type { Files } from "../../kernel/files/files.ts";
import type { Turns } from "../shared/turns.ts";
import type { Ledger } from "./ledger.ts";
import type { PartBuffers } from "./part_buffers.ts";
import type { Store } from "./store.ts";

/** What uploads work with. */
export interface UploadHost {
  readonly files: Files;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly ledger: Ledger;
  /** How large parts are to be, in bytes. */
  readonly partBytes: number;
  /** Memory for what is read and sent. */
  readonly buffers: PartBuffers;
  /** What is read and sent at the same time, and so what is in memory, is limited by these. */
  readonly slots: Turns;
}

/**
 * How far an upload has come: there is more to do, nothing before something changes, everything is confirmed, or there is
 * nothing any more that could be sent.
 */
export type Progress = "more" | "wait" | "done" | "gone";

/** Does something with the store in its turn, unless the server stops before that comes. */
export function inTurn<T>({ slots }: UploadHost, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  return slots.run(() => {
    signal.throwIfAborted();
    return task();
  });
}

/** One upload, step by step; what a step throws may be tried again. */
export interface Work {
  /** Does the next thing. One at a time. */
  step(signal: AbortSignal): Promise<Progress>;
  /** The files may have changed since they were looked at. */
  changed(): void;
}
