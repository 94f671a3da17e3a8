import { assertEquals, assertThrows } from "@std/assert";
import { FormatError } from "../errors.ts";
import { type MediaPlaylist, writeMediaPlaylist } from "./media_playlist.ts";
import { parseMediaPlaylist } from "./media_playlist_parser.ts";
import { checkSuccession, mergeDelta } from "./playlist_succession.ts";
import type { Segment } from "./segment.ts";

/** Consecutive segments of two seconds; the third is behind a discontinuity, and each has two parts. */
function segments(from: number, to: number): Segment[] {
  return Array.from({ length: to - from }, (_, i) => {
    const number = from + i;
    const parts = [{ uri: `${number}.0`, duration: 1 }, { uri: `${number}.1`, duration: 1 }];
    return { uri: `${number}`, duration: 2, ...(number === 3 && { discontinuity: true }), parts };
  });
}

/** A window of live segments, with one part of the next. */
function live(from: number, to: number, more: Partial<MediaPlaylist> = {}): MediaPlaylist {
  return {
    targetDuration: 2,
    mediaSequence: from,
    discontinuitySequence: from > 3 ? 1 : 0,
    partTarget: 1,
    serverControl: { canSkipUntil: 12, partHoldBack: 2, canBlockReload: true },
    segments: segments(from, to),
    pending: { parts: [{ uri: `${to}.0`, duration: 1 }] },
    ...more,
  };
}

Deno.test("what happens to a live playlist is allowed", () => {
  checkSuccession(live(0, 5), live(0, 5));
  checkSuccession(live(0, 5), live(0, 6));
  checkSuccession(live(0, 5), live(2, 7));
  checkSuccession(live(0, 5), live(4, 8));
  checkSuccession(live(0, 5), live(9, 12));
  checkSuccession(live(0, 5), live(0, 6, { isEnded: true, pending: undefined }));
  checkSuccession(live(0, 5), live(0, 5, { pending: { parts: [...segments(5, 6)[0].parts!] } }));
  const withoutParts = segments(0, 6).map(({ parts: _, ...segment }) => segment);
  checkSuccession(live(0, 5), live(0, 6, { segments: withoutParts }));
  checkSuccession({ targetDuration: 2, segments: [] }, {
    targetDuration: 2,
    mediaSequence: 7,
    segments: segments(7, 8),
  });
  const iv = new Uint8Array(16);
  const [a, b] = [1, 2].map(() => ({ uri: "a", duration: 2, key: { method: "AES-128" as const, uri: "k", iv } }));
  checkSuccession({ targetDuration: 2, segments: [a] }, { targetDuration: 2, segments: [{ ...b }] });
});

Deno.test("durations whose sum is not exact in binary are enough all the same", () => {
  const short = (from: number, to: number): MediaPlaylist => ({
    targetDuration: 2,
    mediaSequence: from,
    segments: Array.from({ length: to - from }, (_, i) => ({ uri: `${from + i}`, duration: 0.6 })),
  });
  checkSuccession(short(0, 11), short(1, 11));
});

const FAULTS: readonly { rule: string; before: MediaPlaylist; after: MediaPlaylist; message: string }[] = [
  {
    rule: "the target stays",
    before: live(0, 5),
    after: live(0, 5, { targetDuration: 3 }),
    message: "targetDuration was 2",
  },
  {
    rule: "the part target stays",
    before: live(0, 5),
    after: live(0, 5, { partTarget: 2 }),
    message: "partTarget was 1",
  },
  { rule: "the type stays", before: live(0, 5), after: live(0, 5, { type: "EVENT" }), message: "type was undefined" },
  {
    rule: "numbers rise",
    before: live(1, 5),
    after: live(0, 5),
    message: "it began with segment 1, and begins with 0",
  },
  {
    rule: "nothing is lost at the end",
    before: live(0, 5),
    after: live(0, 4),
    message: "has lost 1 segments at its end",
  },
  {
    rule: "events lose nothing",
    before: live(0, 5, { type: "EVENT" }),
    after: live(1, 5, { type: "EVENT" }),
    message: "segments were removed from a playlist of type EVENT",
  },
  { rule: "enough is left", before: live(0, 5), after: live(3, 5), message: "segments were removed, and 4 s are left" },
  {
    rule: "what has ended does not grow",
    before: live(0, 5, { isEnded: true, pending: undefined }),
    after: live(0, 6, { isEnded: true, pending: undefined }),
    message: "it had ended, and goes on",
  },
  {
    rule: "what has ended stays so",
    before: live(0, 5, { isEnded: true, pending: undefined }),
    after: live(0, 5, { pending: undefined }),
    message: "it had ended, and goes on",
  },
  {
    rule: "discontinuities are counted",
    before: live(0, 5),
    after: live(4, 8, { discontinuitySequence: 0 }),
    message: "EXT-X-DISCONTINUITY-SEQUENCE is 0, and ought to be 1",
  },
  {
    rule: "what is still there is not counted",
    before: live(0, 5),
    after: live(3, 8, { discontinuitySequence: 1 }),
    message: "EXT-X-DISCONTINUITY-SEQUENCE is 1, and ought to be 0",
  },
  {
    rule: "segments stay",
    before: live(0, 5),
    after: live(0, 5, { segments: [...segments(0, 4), { uri: "other", duration: 2 }] }),
    message: "segment 4 was",
  },
  {
    rule: "parts stay",
    before: live(0, 5),
    after: live(0, 5, { segments: [...segments(0, 4), { ...segments(4, 5)[0], parts: segments(5, 6)[0].parts }] }),
    message: "segment 4 has other parts than before",
  },
  {
    rule: "parts become their segment",
    before: live(0, 5),
    after: live(0, 6, { segments: [...segments(0, 5), { ...segments(5, 6)[0], parts: segments(7, 8)[0].parts }] }),
    message: "parts were",
  },
  { rule: "parts are not lost", before: live(0, 5), after: live(0, 5, { pending: undefined }), message: "parts were" },
];

Deno.test("what must not happen to a live playlist is refused", async (t) => {
  for (const { rule, before, after, message } of FAULTS) {
    await t.step(rule, () => void assertThrows(() => checkSuccession(before, after), FormatError, message));
  }
});

Deno.test("a delta update stands for the whole playlist", () => {
  const before = live(0, 9);
  const after = live(2, 11);
  for (let skip = 1; skip <= 7; skip++) {
    const update = parseMediaPlaylist(writeMediaPlaylist(after, { skip }));
    const { version: _, skipped: __, ...merged } = mergeDelta(before, update);
    checkSuccession(after, merged);
    assertEquals(merged.segments, after.segments);
  }
  const tooMuch = parseMediaPlaylist(writeMediaPlaylist(after, { skip: 8 }));
  assertThrows(() => mergeDelta(before, tooMuch), FormatError, "8 segments are skipped, and 7 of them known");
  const older = parseMediaPlaylist(writeMediaPlaylist(live(0, 9), { skip: 1 }));
  assertThrows(() => mergeDelta(live(1, 9), older), FormatError, "1 segments are skipped, and 0 of them known");
});
