import { z } from "zod";
import { isFileName, type Listing } from "./listing.ts";

const file = z.looseObject({ uri: z.string().refine(isFileName) });

const shape = z.looseObject({
  session: z.string().regex(/^[A-Za-z0-9_-]+$/),
  state: z.enum(["live", "ended"]),
  sources: z.array(
    z.looseObject({ inits: z.array(file), segments: z.array(z.looseObject({ ...file.shape, init: z.int().min(0) })) }),
  ),
});

/** An index of live segments: what a page feeds to its `SourceBuffer`s, and where a session is. */
export type SegmentIndex = z.output<typeof shape>;

/** Reads an index; undefined for what is none. */
export function segmentIndexOf(text: string): SegmentIndex | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * The index as a list of files. In a store it lies in a folder of its session's own, where nothing is replaced by the next
 * session, and so without the address of the newest complete file.
 */
export function indexListing(index: SegmentIndex): Listing {
  const files = index.sources.flatMap(({ inits, segments }) => [...inits, ...segments].map(({ uri }) => uri));
  return {
    files: [...new Set(files)],
    upTo: (has, isLost = () => false) => indexUpTo(onlyKnown(index, (file) => !isLost(file)), has),
  };
}

/** The index without the segments of which `has` does not say that they are there. */
export function onlyKnown(index: SegmentIndex, has: (file: string) => boolean): SegmentIndex {
  const sources = index.sources.map((source) => ({
    ...source,
    segments: source.segments.filter(({ uri, init }) => has(uri) && has(source.inits[init]?.uri ?? "")),
  }));
  return { ...index, sources };
}

function indexUpTo(index: SegmentIndex, has: (file: string) => boolean): string | undefined {
  const sources = index.sources.map((source) => {
    const isThere = source.inits.map(({ uri }) => has(uri));
    const missing = source.segments.findIndex(({ uri, init }) => !has(uri) || !isThere[init]);
    return { ...source, segments: missing < 0 ? source.segments : source.segments.slice(0, missing) };
  });
  if (sources.every(({ segments }) => segments.length === 0)) return undefined;
  return JSON.stringify({ ...index, sources, full: undefined }) + "\n";
}
