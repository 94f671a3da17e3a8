import type { ByteWriter } from "../bytes.ts";
import { fullBox, type Writable } from "./box.ts";
import type { NumberList } from "./number_list.ts";

/** A full box whose content is a number of entries and the entries. */
function tableBox(
  type: string,
  version: number,
  entries: number,
  entryBytes: number,
  write: (out: ByteWriter) => void,
): Writable {
  return fullBox(type, version, 0, {
    size: 4 + entries * entryBytes,
    write(out) {
      out.u32(entries);
      write(out);
    },
  });
}

/** Runs of equal values, as `stts` and `ctts` have them (ISO/IEC 14496-12, 8.6.1.2 and 8.6.1.3). */
export function runBox(type: string, version: number, length: number, valueAt: (index: number) => number): Writable {
  let runs = 0;
  forEachRun(length, valueAt, () => runs++);
  return tableBox(type, version, runs, 8, (out) => {
    forEachRun(length, valueAt, (start, end, value) => out.u32(end - start).u32(value));
  });
}

/** The numbers, from 1, of the samples that decoding can begin with: `stss` (ISO/IEC 14496-12, 8.6.2). */
export function syncBox(syncs: number, length: number, isSync: (index: number) => boolean): Writable {
  return tableBox("stss", 0, syncs, 4, (out) => {
    for (let i = 0; i < length; i++) if (isSync(i)) out.u32(i + 1);
  });
}

/** Which chunks have how many samples, all of the first sample description: `stsc` (ISO/IEC 14496-12, 8.7.4). */
export function sampleToChunkBox(chunkSamples: NumberList): Writable {
  let runs = 0;
  const samplesIn = (chunk: number) => chunkSamples.at(chunk);
  forEachRun(chunkSamples.length, samplesIn, () => runs++);
  return tableBox("stsc", 0, runs, 12, (out) => {
    forEachRun(chunkSamples.length, samplesIn, (start, _end, samples) => out.u32(start + 1).u32(samples).u32(1));
  });
}

/** The samples' sizes, once if they are all the same: `stsz` (ISO/IEC 14496-12, 8.7.3.2). */
export function sizeBox(length: number, sizeAt: (index: number) => number): Writable {
  // A common size of 0 says that there is a list.
  let isUniform = length > 0 && sizeAt(0) > 0;
  for (let i = 1; i < length && isUniform; i++) isUniform = sizeAt(i) === sizeAt(0);
  return fullBox("stsz", 0, 0, {
    size: 8 + (isUniform ? 0 : length * 4),
    write(out) {
      out.u32(isUniform ? sizeAt(0) : 0).u32(length);
      for (let i = 0; i < length && !isUniform; i++) out.u32(sizeAt(i));
    },
  });
}

/** Where the chunks are in the file: `stco`, or `co64` when that needs 64 bits (ISO/IEC 14496-12, 8.7.5). */
export function chunkOffsetBox(chunks: NumberList, base: () => number, isLarge: boolean): Writable {
  return tableBox(isLarge ? "co64" : "stco", 0, chunks.length, isLarge ? 8 : 4, (out) => {
    const start = base();
    for (let i = 0; i < chunks.length; i++) {
      if (isLarge) out.u64(start + chunks.at(i));
      else out.u32(start + chunks.at(i));
    }
  });
}

/** Calls `each` for every run of indexes from `start` up to `end` with the same value. */
function forEachRun(
  length: number,
  valueAt: (index: number) => number,
  each: (start: number, end: number, value: number) => void,
): void {
  for (let start = 0; start < length;) {
    const value = valueAt(start);
    let end = start + 1;
    while (end < length && valueAt(end) === value) end++;
    each(start, end, value);
    start = end;
  }
}
