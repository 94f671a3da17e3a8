import type { ByteWriter } from "../bytes.ts";
import { fullBox, type Writable } from "./box.ts";
import type { NumberList } from "./number_list.ts";

/** After so many entries there is a pause in what is written slowly: a fraction of a millisecond. */
const PAUSE_ENTRIES = 4096;

/** A full box with a table in it; `write` writes what stands behind the version and flags, and may pause. */
function tableBox(type: string, version: number, size: number, write: (out: ByteWriter) => Iterable<void>): Writable {
  return fullBox(type, version, 0, {
    size,
    write(out) {
      for (const _pause of write(out));
    },
    writeSlowly: write,
  });
}

/**
 * Runs of equal values, as `stts` and `ctts` have them (ISO/IEC 14496-12, 8.6.1.2 and 8.6.1.3); `runs` is how many there
 * are.
 */
export function runBox(
  type: string,
  version: number,
  length: number,
  runs: number,
  valueAt: (index: number) => number,
): Writable {
  return tableBox(type, version, 4 + runs * 8, function* (out) {
    out.u32(runs);
    let written = 0;
    for (let start = 0; start < length;) {
      const end = runEnd(start, length, (i, j) => valueAt(i) === valueAt(j));
      out.u32(end - start).u32(valueAt(start));
      start = end;
      if (++written % PAUSE_ENTRIES === 0) yield;
    }
  });
}

/** The numbers, from 1, of the samples that decoding can begin with: `stss` (ISO/IEC 14496-12, 8.6.2). */
export function syncBox(syncs: number, length: number, isSync: (index: number) => boolean): Writable {
  return tableBox("stss", 0, 4 + syncs * 4, function* (out) {
    out.u32(syncs);
    for (let i = 0; i < length; i++) {
      if (isSync(i)) out.u32(i + 1);
      if (i % PAUSE_ENTRIES === PAUSE_ENTRIES - 1) yield;
    }
  });
}

/** Which chunks have how many samples, and of which sample description, from 1: `stsc` (ISO/IEC 14496-12, 8.7.4). */
export function sampleToChunkBox(chunkSamples: NumberList, descriptionAt: (chunk: number) => number): Writable {
  const { length } = chunkSamples;
  const isSame = (i: number, j: number) =>
    chunkSamples.at(i) === chunkSamples.at(j) && descriptionAt(i) === descriptionAt(j);
  let runs = 0;
  for (let start = 0; start < length; start = runEnd(start, length, isSame)) runs++;
  return tableBox("stsc", 0, 4 + runs * 12, function* (out) {
    out.u32(runs);
    for (let start = 0; start < length; start = runEnd(start, length, isSame)) {
      out.u32(start + 1).u32(chunkSamples.at(start)).u32(descriptionAt(start));
      if (start % PAUSE_ENTRIES === PAUSE_ENTRIES - 1) yield;
    }
  });
}

/** The samples' sizes, once if they are all the same and not 0: `stsz` (ISO/IEC 14496-12, 8.7.3.2). */
export function sizeBox(length: number, isUniform: boolean, sizeAt: (index: number) => number): Writable {
  return tableBox("stsz", 0, 8 + (isUniform ? 0 : length * 4), function* (out) {
    out.u32(isUniform ? sizeAt(0) : 0).u32(length);
    for (let i = 0; i < length && !isUniform; i++) {
      out.u32(sizeAt(i));
      if (i % PAUSE_ENTRIES === PAUSE_ENTRIES - 1) yield;
    }
  });
}

/** Where the chunks are in the file: `stco`, or `co64` when that needs 64 bits (ISO/IEC 14496-12, 8.7.5). */
export function chunkOffsetBox(chunks: NumberList, base: () => number, isLarge: boolean): Writable {
  return tableBox(isLarge ? "co64" : "stco", 0, 4 + chunks.length * (isLarge ? 8 : 4), function* (out) {
    out.u32(chunks.length);
    const start = base();
    for (let i = 0; i < chunks.length; i++) {
      if (isLarge) out.u64(start + chunks.at(i));
      else out.u32(start + chunks.at(i));
      if (i % PAUSE_ENTRIES === PAUSE_ENTRIES - 1) yield;
    }
  });
}

/** The end of the run of indexes from `start` that are the same as it. */
function runEnd(start: number, length: number, isSame: (i: number, j: number) => boolean): number {
  let end = start + 1;
  while (end < length && isSame(start, end)) end++;
  return end;
}
