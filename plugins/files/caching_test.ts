import { assertEquals } from "@std/assert";
import type { Caching } from "../shared/serving/resource.ts";
import { type AskedFile, cachingOf } from "./caching.ts";

const NOW = new Date("2026-01-01T12:00:00Z");

interface Case {
  readonly path: string;
  readonly secondsAgo?: number;
  readonly asked?: Partial<AskedFile>;
  readonly caching: Caching;
}

const CASES: Readonly<Record<string, Case>> = {
  "a finished recording never changes": { path: "flv/live/cam/20260101_100000.flv", caching: "immutable" },
  "so do its parts": { path: "mp4/live/cam/20260101_100000-2/7.m4s", caching: "immutable" },
  "one that is being written is not kept": {
    path: "flv/live/cam/20260101_100000.flv",
    asked: { isWritten: true },
    caching: "never",
  },
  "nor one that was written to just now, by whomever": {
    path: "flv/live/cam/20260101_100000.flv",
    secondsAgo: 9,
    caching: "never",
  },
  "nor one from the future": { path: "flv/live/cam/20260101_100000.flv", secondsAgo: -3600, caching: "never" },
  "the newest recording is another one some day": {
    path: "flv/live/cam/20260101_100000.flv",
    asked: { isAlias: true },
    caching: "revalidate",
  },
  "a new segment is whole": { path: "hls/live/cam/20260101_100000/5.ts", secondsAgo: 1, caching: "immutable" },
  "a segment whose address has no time may mean another one": {
    path: "mp4/a/b/output_merge/5.m4s",
    caching: "revalidate",
  },
  "so may what segments begin with": { path: "mp4/a/b/output_merge/init.mp4", caching: "revalidate" },
  "a playlist changes": { path: "hls/live/cam/20260101_100000/index.m3u8", caching: "revalidate" },
  "an index changes, also while it is written": {
    path: "mp4/a/b/output_merge/index.json",
    secondsAgo: 0,
    asked: { isWritten: true },
    caching: "revalidate",
  },
};

for (const [name, { path, secondsAgo = 60, asked, caching }] of Object.entries(CASES)) {
  Deno.test(`${name}: ${path}, written ${secondsAgo} s ago`, () => {
    const modified = new Date(NOW.getTime() - secondsAgo * 1000);
    const facts = { kind: "file", size: 1, modified, id: "1" } as const;
    assertEquals(
      cachingOf({ parts: path.split("/"), facts, isWritten: false, isAlias: false, ...asked }, NOW),
      caching,
    );
  });
}
