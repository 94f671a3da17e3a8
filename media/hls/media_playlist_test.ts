import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type MediaPlaylist, writeMediaPlaylist } from "./media_playlist.ts";
import { parseMediaPlaylist, type ReadMediaPlaylist } from "./media_playlist_parser.ts";
import type { Segment, SegmentKey } from "./segment.ts";

/** Lines as a playlist has them. */
function text(...lines: string[]): string {
  return lines.join("\n") + "\n";
}

const IV = Uint8Array.from({ length: 16 }, (_, i) => i * 17);

/** Playlists and what they are as text, in both directions. */
const CASES: readonly { readonly name: string; readonly playlist: ReadMediaPlaylist; readonly text: string }[] = [
  {
    name: "a live window of TS segments",
    playlist: {
      version: 3,
      skipped: 0,
      targetDuration: 2,
      mediaSequence: 2680,
      independentSegments: true,
      start: -3.5,
      segments: [
        { uri: "2680.ts", duration: 2, programDateTime: Date.UTC(2026, 10, 26, 11, 0, 0, 40) },
        { uri: "2681.ts", duration: 1.966667 },
      ],
    },
    text: text(
      "#EXTM3U",
      "#EXT-X-VERSION:3",
      "#EXT-X-TARGETDURATION:2",
      "#EXT-X-MEDIA-SEQUENCE:2680",
      "#EXT-X-INDEPENDENT-SEGMENTS",
      "#EXT-X-START:TIME-OFFSET=-3.5",
      "#EXT-X-PROGRAM-DATE-TIME:2026-11-26T11:00:00.040Z",
      "#EXTINF:2.0,",
      "2680.ts",
      "#EXTINF:1.966667,",
      "2681.ts",
    ),
  },
  {
    name: "a finished playlist",
    playlist: {
      version: 3,
      skipped: 0,
      targetDuration: 10,
      mediaSequence: 0,
      start: 10,
      type: "VOD",
      isEnded: true,
      segments: [{ uri: "a/0.ts", duration: 10.4999 }, { uri: "a/1.ts", duration: 0.000001 }],
    },
    text: text(
      "#EXTM3U",
      "#EXT-X-VERSION:3",
      "#EXT-X-TARGETDURATION:10",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-PLAYLIST-TYPE:VOD",
      "#EXT-X-START:TIME-OFFSET=10.0",
      "#EXTINF:10.4999,",
      "a/0.ts",
      "#EXTINF:0.000001,",
      "a/1.ts",
      "#EXT-X-ENDLIST",
    ),
  },
  {
    name: "a low-latency playlist of fMP4 parts",
    playlist: {
      version: 9,
      skipped: 0,
      targetDuration: 1,
      mediaSequence: 9,
      discontinuitySequence: 4,
      serverControl: { canSkipUntil: 6, holdBack: 3, partHoldBack: 0.6, canBlockReload: true },
      partTarget: 0.2,
      segments: [
        { uri: "9.m4s", duration: 1, map: { uri: "init.mp4" } },
        {
          uri: "10.m4s",
          duration: 0.3,
          map: { uri: "init.mp4" },
          parts: [{ uri: "10.0.m4s", duration: 0.2, independent: true }, { uri: "10.1.m4s", duration: 0.1 }],
        },
        {
          uri: "11.m4s",
          duration: 0.4,
          discontinuity: true,
          map: { uri: "init-2.mp4", byteRange: { length: 800, offset: 0 } },
          parts: [
            { uri: "11.m4s", duration: 0.2, gap: true, byteRange: { length: 1000, offset: 0 } },
            { uri: "11.m4s", duration: 0.2, byteRange: { length: 1100 } },
          ],
        },
      ],
      pending: {
        programDateTime: 0,
        map: { uri: "init-2.mp4", byteRange: { length: 800, offset: 0 } },
        parts: [{ uri: "12.0.m4s", duration: 0.2, independent: true }],
      },
      preloadHint: { type: "PART", uri: "12.1.m4s", byteRangeStart: 0, byteRangeLength: 10 },
      renditionReports: [{ uri: "../cam2/index.m3u8", lastMsn: 12, lastPart: 0 }, {
        uri: "../cam3/index.m3u8",
        lastMsn: 3,
      }],
    },
    text: text(
      "#EXTM3U",
      "#EXT-X-VERSION:9",
      "#EXT-X-TARGETDURATION:1",
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=6.0,HOLD-BACK=3.0,PART-HOLD-BACK=0.6",
      "#EXT-X-PART-INF:PART-TARGET=0.2",
      "#EXT-X-MEDIA-SEQUENCE:9",
      "#EXT-X-DISCONTINUITY-SEQUENCE:4",
      '#EXT-X-MAP:URI="init.mp4"',
      "#EXTINF:1.0,",
      "9.m4s",
      '#EXT-X-PART:DURATION=0.2,URI="10.0.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.1,URI="10.1.m4s"',
      "#EXTINF:0.3,",
      "10.m4s",
      "#EXT-X-DISCONTINUITY",
      '#EXT-X-MAP:URI="init-2.mp4",BYTERANGE="800@0"',
      '#EXT-X-PART:DURATION=0.2,URI="11.m4s",GAP=YES,BYTERANGE="1000@0"',
      '#EXT-X-PART:DURATION=0.2,URI="11.m4s",BYTERANGE="1100"',
      "#EXTINF:0.4,",
      "11.m4s",
      "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z",
      '#EXT-X-PART:DURATION=0.2,URI="12.0.m4s",INDEPENDENT=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="12.1.m4s",BYTERANGE-START=0,BYTERANGE-LENGTH=10',
      '#EXT-X-RENDITION-REPORT:URI="../cam2/index.m3u8",LAST-MSN=12,LAST-PART=0',
      '#EXT-X-RENDITION-REPORT:URI="../cam3/index.m3u8",LAST-MSN=3',
    ),
  },
  {
    name: "keys that change, with init segments in clear and encrypted",
    playlist: {
      version: 6,
      skipped: 0,
      targetDuration: 2,
      mediaSequence: 0,
      segments: [
        { uri: "0.m4s", duration: 2, map: { uri: "init.mp4" }, key: { method: "AES-128", uri: "1.key" } },
        { uri: "1.m4s", duration: 2, map: { uri: "init.mp4" }, key: { method: "AES-128", uri: "2.key", iv: IV } },
        {
          uri: "2.m4s",
          duration: 2,
          map: { uri: "secret.mp4", key: { method: "AES-128", uri: "2.key", iv: IV } },
          key: { method: "AES-128", uri: "2.key", iv: IV },
        },
        { uri: "3.m4s", duration: 2, map: { uri: "init.mp4" }, key: { method: "AES-128", uri: "2.key", iv: IV } },
        { uri: "4.m4s", duration: 2, gap: true, map: { uri: "init.mp4" } },
      ],
    },
    text: text(
      "#EXTM3U",
      "#EXT-X-VERSION:6",
      "#EXT-X-TARGETDURATION:2",
      "#EXT-X-MEDIA-SEQUENCE:0",
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXT-X-KEY:METHOD=AES-128,URI="1.key"',
      "#EXTINF:2.0,",
      "0.m4s",
      '#EXT-X-KEY:METHOD=AES-128,URI="2.key",IV=0x00112233445566778899AABBCCDDEEFF',
      "#EXTINF:2.0,",
      "1.m4s",
      '#EXT-X-MAP:URI="secret.mp4"',
      "#EXTINF:2.0,",
      "2.m4s",
      "#EXT-X-KEY:METHOD=NONE",
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXT-X-KEY:METHOD=AES-128,URI="2.key",IV=0x00112233445566778899AABBCCDDEEFF',
      "#EXTINF:2.0,",
      "3.m4s",
      "#EXT-X-KEY:METHOD=NONE",
      "#EXT-X-GAP",
      "#EXTINF:2.0,",
      "4.m4s",
    ),
  },
  {
    name: "one file in byte ranges, and keys of another kind",
    playlist: {
      version: 5,
      skipped: 0,
      targetDuration: 4,
      mediaSequence: 0,
      type: "EVENT",
      segments: [
        { uri: "all.ts", duration: 4, byteRange: { length: 188, offset: 0 } },
        {
          uri: "all.ts",
          duration: 4,
          byteRange: { length: 376 },
          key: {
            method: "SAMPLE-AES",
            uri: "skd://1",
            keyFormat: "com.apple.streamingkeydelivery",
            keyFormatVersions: "1/2",
          },
        },
      ],
    },
    text: text(
      "#EXTM3U",
      "#EXT-X-VERSION:5",
      "#EXT-X-TARGETDURATION:4",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-PLAYLIST-TYPE:EVENT",
      "#EXT-X-BYTERANGE:188@0",
      "#EXTINF:4.0,",
      "all.ts",
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://1",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1/2"',
      "#EXT-X-BYTERANGE:376",
      "#EXTINF:4.0,",
      "all.ts",
    ),
  },
];

Deno.test("media playlists are written and read", async (t) => {
  for (const { name, playlist, text } of CASES) {
    await t.step(name, () => {
      assertEquals(writeMediaPlaylist(playlist), text);
      assertEquals(parseMediaPlaylist(text), playlist);
      assertEquals(parseMediaPlaylist(text.replaceAll("\n", "\r\n")), playlist);
    });
  }
});

Deno.test("the version is the least that a playlist's tags need", () => {
  const version = (segment: Partial<Segment>, more: Partial<MediaPlaylist> = {}) => {
    const segments = [{ uri: "0", duration: 1, ...segment }];
    return parseMediaPlaylist(writeMediaPlaylist({ targetDuration: 1, segments, ...more })).version;
  };
  const key: SegmentKey = { method: "AES-128", uri: "k" };
  assertStrictEquals(version({}), 3);
  assertStrictEquals(version({ key: { ...key, iv: IV } }), 3);
  assertStrictEquals(version({ byteRange: { length: 1, offset: 0 } }), 4);
  assertStrictEquals(version({ key: { ...key, keyFormat: "identity" } }), 5);
  assertStrictEquals(version({ key: { ...key, keyFormatVersions: "1" } }), 5);
  assertStrictEquals(version({ key: { ...key, method: "SAMPLE-AES" } }), 5);
  assertStrictEquals(version({ map: { uri: "i" } }), 6);
  assertStrictEquals(version({}, { pending: { map: { uri: "i" }, discontinuity: true } }), 6);
  const serverControl = { canBlockReload: true, partHoldBack: 1 };
  assertStrictEquals(version({}, { serverControl }), 3);
  assertStrictEquals(version({}, { serverControl, partTarget: 0.2 }), 6);
  assertStrictEquals(version({}, { serverControl: { canSkipUntil: 6 } }), 9);
});

Deno.test("a delta update leaves out segments, and says which key and map apply behind them", () => {
  const key: SegmentKey = { method: "AES-128", uri: "k" };
  const map = { uri: "init.mp4" };
  const playlist: MediaPlaylist = {
    targetDuration: 1,
    mediaSequence: 5,
    serverControl: { canSkipUntil: 6 },
    segments: [
      { uri: "5", duration: 1, map, key },
      { uri: "6", duration: 1, map, key },
      { uri: "7", duration: 1, map },
    ],
  };
  const head = [
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    "#EXT-X-TARGETDURATION:1",
    "#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=6.0",
    "#EXT-X-MEDIA-SEQUENCE:5",
  ];
  const last = ["#EXTINF:1.0,", "7"];
  assertEquals(
    writeMediaPlaylist(playlist, { skip: 1 }),
    text(
      ...head,
      "#EXT-X-SKIP:SKIPPED-SEGMENTS=1",
      "#EXT-X-KEY:METHOD=NONE",
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXT-X-KEY:METHOD=AES-128,URI="k"',
      "#EXTINF:1.0,",
      "6",
      "#EXT-X-KEY:METHOD=NONE",
      ...last,
    ),
  );
  assertEquals(
    writeMediaPlaylist(playlist, { skip: 2 }),
    text(...head, "#EXT-X-SKIP:SKIPPED-SEGMENTS=2", "#EXT-X-KEY:METHOD=NONE", '#EXT-X-MAP:URI="init.mp4"', ...last),
  );
  assertStringIncludes(writeMediaPlaylist(playlist, { skip: 3 }), "SKIPPED-SEGMENTS=3\n");
  assertThrows(() => writeMediaPlaylist(playlist, { skip: 4 }), RangeError, "4 of 3 segments cannot be skipped");
  const without = { ...playlist, serverControl: {} };
  assertThrows(() => writeMediaPlaylist(without, { skip: 1 }), RangeError, "1 of 3 segments cannot be skipped");
});

Deno.test("what cannot stand in a playlist is refused", () => {
  const write = (segment: Partial<Segment>, more: Partial<MediaPlaylist> = {}) => () => {
    return writeMediaPlaylist({ targetDuration: 2, segments: [{ uri: "0.ts", duration: 2, ...segment }], ...more });
  };
  const key: SegmentKey = { method: "AES-128", uri: "k" };
  assertThrows(
    write({ duration: 2.5 }),
    RangeError,
    "Segment 0.ts lasts 2.5 s, and no segment may last longer than 2 s",
  );
  assertStringIncludes(write({ duration: 2.499999 })(), "#EXTINF:2.499999,\n");
  assertThrows(write({ duration: -1 }), RangeError, "-1 seconds cannot stand in a playlist");
  for (const duration of [NaN, Infinity]) assertThrows(write({ duration }), RangeError);
  for (const uri of ["", "#EXT-X-ENDLIST", "a\n#EXT-X-ENDLIST", "a b", "a\r"]) {
    assertThrows(write({ uri }), RangeError, "cannot stand in a playlist as a URI");
  }
  for (const uri of ['a"b', "a\nb", "a\rb"]) {
    assertThrows(write({ map: { uri } }), RangeError, "cannot stand in a playlist in quotes");
    assertThrows(write({ key: { ...key, uri } }), RangeError, "cannot stand in a playlist in quotes");
    assertThrows(write({}, { preloadHint: { type: "PART", uri } }), RangeError, "in quotes");
    assertThrows(write({}, { renditionReports: [{ uri, lastMsn: 0 }] }), RangeError, "in quotes");
    assertThrows(write({ parts: [{ uri, duration: 1 }] }), RangeError, "in quotes");
  }
  assertThrows(write({ key: { ...key, iv: new Uint8Array(15) } }), RangeError, "has 16 bytes, not 15");
  const segments = [{ uri: "0", duration: 1, map: { uri: "init" } }, { uri: "1", duration: 1 }];
  assertThrows(write({}, { segments }), RangeError, "A segment without a map cannot follow one with a map");
});

Deno.test("any playlist is read as it was written", () => {
  fc.assert(
    fc.property(playlists, (playlist) => {
      const { version: _, skipped, ...read } = parseMediaPlaylist(writeMediaPlaylist(playlist));
      assertEquals({ skipped, ...read }, { skipped: 0, ...playlist });
    }),
    { numRuns: 500 },
  );
});

Deno.test("any delta update goes on as the whole playlist does", () => {
  fc.assert(
    fc.property(playlists, fc.nat(), (playlist, number) => {
      if (playlist.serverControl?.canSkipUntil === undefined || playlist.segments.length === 0) return;
      const skip = 1 + number % playlist.segments.length;
      const { version: _, skipped, segments, pending, ...read } = parseMediaPlaylist(
        writeMediaPlaylist(playlist, { skip }),
      );
      assertStrictEquals(skipped, skip);
      assertEquals(segments, playlist.segments.slice(skip));
      assertEquals({ pending, ...read }, { pending: playlist.pending, ...without(playlist, "segments", "pending") });
    }),
    { numRuns: 500 },
  );
});

function without(playlist: MediaPlaylist, ...names: (keyof MediaPlaylist)[]): Partial<MediaPlaylist> {
  return Object.fromEntries(Object.entries(playlist).filter(([name]) => !names.some((other) => other === name)));
}

const uris = fc.stringMatching(/^[a-z0-9/_.-]{1,12}(\?[a-z0-9=&]{0,6})?$/);
const keys: fc.Arbitrary<SegmentKey> = fc.record({
  method: fc.constantFrom("AES-128" as const, "SAMPLE-AES" as const),
  uri: uris,
  iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
}, { requiredKeys: ["method", "uri", "iv"] });

/** Integer numbers of microseconds, as seconds. */
function seconds(max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: max * 1_000_000 }).map((microseconds) => microseconds / 1_000_000);
}

const segments = fc.record({
  uri: uris,
  duration: seconds(4),
  programDateTime: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  discontinuity: fc.constant(true),
  key: keys,
  gap: fc.constant(true),
  byteRange: fc.record({ length: fc.nat(), offset: fc.nat() }),
}, { requiredKeys: ["uri", "duration"] });

/** Playlists that keep the rules. */
const playlists: fc.Arbitrary<MediaPlaylist> = fc.record({
  head: fc.record({
    discontinuitySequence: fc.integer({ min: 1, max: 1000 }),
    independentSegments: fc.constant(true),
    type: fc.constant("EVENT" as const),
  }, { requiredKeys: [] }),
  mediaSequence: fc.nat(),
  segments: fc.array(segments, { maxLength: 8 }),
  mapUri: fc.option(uris),
  mapKey: fc.option(keys),
  isEnded: fc.boolean(),
  canSkip: fc.boolean(),
  parts: fc.nat({ max: 5 }),
}).map(({ head, mediaSequence, segments, mapUri, mapKey, isEnded, canSkip, parts }) => {
  const map = mapUri === null ? {} : { map: { uri: mapUri, ...(mapKey && { key: mapKey }) } };
  const hasParts = parts > 0 && !isEnded;
  return {
    targetDuration: 4,
    mediaSequence,
    ...head,
    segments: segments.map((segment) => ({ ...segment, ...map })),
    ...(isEnded && { isEnded }),
    ...((canSkip || hasParts) && {
      serverControl: {
        ...(canSkip && { canSkipUntil: 24 }),
        ...(hasParts && { partHoldBack: 1.5, canBlockReload: true }),
      },
    }),
    ...(hasParts && {
      partTarget: 0.5,
      pending: {
        ...map,
        parts: Array.from({ length: parts }, (_, i) => ({ uri: `${i}`, duration: (45 + i) / 100, independent: true })),
      },
      preloadHint: { type: "PART", uri: `${parts}` },
    }),
  };
});
