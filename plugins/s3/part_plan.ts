/** A store takes no more parts of one object, and none but the last that is smaller than {@linkcode LEAST_PART_BYTES}. */
export const MOST_PARTS = 10_000;

/** The smallest part that is not the last one, in bytes: 5 MiB (Amazon S3, "Multipart upload limits"). */
export const LEAST_PART_BYTES: number = 5 * 1024 * 1024;

/** A piece of a file that is sent as a part. */
export interface PartRange {
  /** From 1. */
  readonly number: number;
  /** Where it begins, in bytes. */
  readonly position: number;
  /** In bytes. */
  readonly length: number;
}

/** A part that the store has. */
export interface SentPart {
  readonly number: number;
  /** In bytes. */
  readonly length: number;
  /** Whether it is known to be what the complete file has there. */
  readonly isChecked: boolean;
}

/** A file that is to be sent, as it is now. */
export interface PlannedFile {
  readonly bytes: number;
  /** Whether it will not change any more. */
  readonly isComplete: boolean;
  /** So many bytes at its beginning may still change while it grows. */
  readonly headBytes: number;
}

/** What has been sent of it. */
export interface PlannedUpload {
  /** How large parts are; all but the last are as large. */
  readonly partBytes: number;
  /** Whether a multipart upload has been begun. */
  readonly isBegun: boolean;
  /** By their numbers. */
  readonly parts: ReadonlyMap<number, SentPart>;
}

/** What is to be done next. */
export type PlanStep =
  | { readonly type: "wait" }
  /** The whole file, in one request. */
  | { readonly type: "put" }
  | { readonly type: "begin" }
  /** Nothing of what was sent can be used: begin again, with parts of this size. */
  | { readonly type: "anew"; readonly partBytes: number }
  | { readonly type: "send"; readonly part: PartRange }
  /** Look whether the complete file still has there what was sent while it grew. */
  | { readonly type: "check"; readonly part: PartRange }
  /** Have these parts put together. */
  | { readonly type: "complete"; readonly parts: number };

/**
 * Says what to do next about a file, from what is known of it and of what was sent.
 *
 * The invariant: an object is put together only from parts that are, each of them, what the complete file has at their place.
 * While a file grows, whole parts of it go that nobody will write to again; what holds its head, and what is left, follows when
 * it is complete: a store takes parts in any order, and takes a part again under the same number.
 */
export function nextStep(upload: PlannedUpload, file: PlannedFile): PlanStep {
  return file.isComplete ? completing(upload, file.bytes) : growing(upload, file);
}

/** The parts of a file of so many bytes. */
export function partsOf(bytes: number, partBytes: number): PartRange[] {
  const count = Math.max(1, Math.ceil(bytes / partBytes));
  return Array.from({ length: count }, (_, i) => rangeOf(i + 1, partBytes, bytes));
}

/** The size of parts of which a file has no more than a store takes: as wished, or as large as it needs to be, in whole MiB. */
export function partBytesFor(bytes: number, wished: number): number {
  const mebibyte = 1024 * 1024;
  return bytes <= wished * MOST_PARTS ? wished : Math.ceil(bytes / MOST_PARTS / mebibyte) * mebibyte;
}

function growing({ partBytes, isBegun, parts }: PlannedUpload, { bytes, headBytes }: PlannedFile): PlanStep {
  const first = Math.floor(Math.max(0, headBytes - 1) / partBytes) + (headBytes > 0 ? 2 : 1);
  for (let number = first; number <= MOST_PARTS && number * partBytes <= bytes; number++) {
    if (parts.has(number)) continue;
    return isBegun ? { type: "send", part: rangeOf(number, partBytes, bytes) } : { type: "begin" };
  }
  return { type: "wait" };
}

function completing({ partBytes, isBegun, parts }: PlannedUpload, bytes: number): PlanStep {
  if (!isBegun && bytes <= partBytes) return { type: "put" };
  const fitting = partBytesFor(bytes, partBytes);
  const count = Math.max(1, Math.ceil(bytes / partBytes));
  const isShorter = [...parts.keys()].some((number) => number > count);
  if (fitting !== partBytes || isShorter) return { type: "anew", partBytes: fitting };
  if (!isBegun) return { type: "begin" };
  // From the last to the first: what was written last is the likeliest to be in memory still.
  for (let number = count; number >= 1; number--) {
    const part = rangeOf(number, partBytes, bytes);
    const sent = parts.get(number);
    if (sent?.length !== part.length) return { type: "send", part };
    if (!sent.isChecked) return { type: "check", part };
  }
  return { type: "complete", parts: count };
}

function rangeOf(number: number, partBytes: number, bytes: number): PartRange {
  const position = (number - 1) * partBytes;
  return { number, position, length: Math.min(partBytes, bytes - position) };
}
