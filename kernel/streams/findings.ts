import type { Stream } from "./stream.ts";

/** Something about a stream that its publisher or the operator should know, in words. */
export interface Finding {
  /** The same for the same kind of finding: `key-frames-far`. */
  readonly code: string;
  /** `warning` when somebody has a worse picture or sound for it. */
  readonly severity: "info" | "warning";
  /** What is so, what follows, and what can be done, in a sentence or two. */
  readonly text: string;
  readonly since: Date;
}

/** Looks at a stream and says what it finds. */
export type Examiner = (stream: Stream) => readonly Finding[];
