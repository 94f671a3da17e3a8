import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../errors.ts";
import { survives } from "../testing.ts";
import { parseMediaPlaylist } from "./media_playlist_parser.ts";

/** A good playlist; each case spoils it. */
const LINES = [
  "#EXTM3U", // 1
  "#EXT-X-VERSION:9",
  "#EXT-X-TARGETDURATION:2",
  "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=2",
  "#EXT-X-PART-INF:PART-TARGET=1",
  "#EXT-X-MEDIA-SEQUENCE:7",
  "#EXT-X-DISCONTINUITY-SEQUENCE:3", // 7
  "#EXT-X-SKIP:SKIPPED-SEGMENTS=1",
  '#EXT-X-MAP:URI="init.mp4"',
  '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x000102030405060708090A0B0C0D0E0F',
  "# a comment", // 11
  "",
  "#EXTINF:2.0,a title, with a comma",
  "8.m4s",
  "#EXT-X-DISCONTINUITY", // 15
  "#EXT-X-PROGRAM-DATE-TIME:2026-11-26T11:00:00.040+02:00",
  '#EXT-X-PART:DURATION=1.0,URI="9.0.m4s",INDEPENDENT=YES',
  '#EXT-X-PART:DURATION=0.9,URI="9.1.m4s"',
  "#EXT-X-GAP", // 19
  "#EXT-X-BYTERANGE:100@0",
  "#EXTINF:1.9,",
  "9.m4s",
  '#EXT-X-PART:DURATION=1.0,URI="10.0.m4s",BYTERANGE="10@0"', // 23
  '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="10.1.m4s",BYTERANGE-START=10',
  '#EXT-X-RENDITION-REPORT:URI="../b/index.m3u8",LAST-MSN=10,LAST-PART=0',
];

/** Lines that are put in place of others, by their numbers; more than one, or none, in an array. */
type Changes = Readonly<Record<number, string | readonly string[]>>;

function spoiled(changes: Changes): string {
  return LINES.flatMap((line, i) => changes[i + 1] ?? line).join("\n") + "\n";
}

const CASES: readonly { readonly rule: string; readonly changes: Changes; readonly message: string }[] = [
  { rule: "EXTM3U is the first line", changes: { 1: [] }, message: "line 1: there is no EXTM3U" },
  { rule: "nothing precedes EXTM3U", changes: { 1: ["", "#EXTM3U"] }, message: "line 1: there is no EXTM3U" },
  {
    rule: "there is no byte order mark",
    changes: { 1: "\ufeff#EXTM3U" },
    message: "line 1: there is a control character",
  },
  {
    rule: "there are no control characters",
    changes: { 13: "#EXTINF:2.0,\t" },
    message: "line 13: there is a control",
  },
  {
    rule: "lines end in LF or CRLF",
    changes: { 14: "8.m4s\r9.m4s" },
    message: "line 14: there is a control character",
  },
  { rule: "tags have a form", changes: { 11: "#EXT x" }, message: "line 11: #EXT x is not a tag" },
  { rule: "tags are known", changes: { 11: "#EXT-X-FOO:1" }, message: "line 11: EXT-X-FOO is not known" },
  { rule: "no tag is what objects have", changes: { 11: "#EXT:constructor" }, message: "line 11: EXT is not known" },
  {
    rule: "tags of multivariant playlists are not mixed in",
    changes: { 11: "#EXT-X-STREAM-INF:BANDWIDTH=1" },
    message: "line 11: EXT-X-STREAM-INF is a tag of multivariant playlists",
  },
  { rule: "URIs have no white space", changes: { 14: "8 .m4s" }, message: "line 14: there is white space in a URI" },
  { rule: "a target duration is required", changes: { 3: [] }, message: "there is no EXT-X-TARGETDURATION" },
  {
    rule: "the target is an integer",
    changes: { 3: "#EXT-X-TARGETDURATION:2.0" },
    message: "line 3: 2.0 is not an integer",
  },
  {
    rule: "integers have a bound",
    changes: { 6: "#EXT-X-MEDIA-SEQUENCE:99999999999999999999" },
    message: "line 6: 9999",
  },
  {
    rule: "a tag with a value has one",
    changes: { 6: "#EXT-X-MEDIA-SEQUENCE" },
    message: "line 6: undefined is not an",
  },
  {
    rule: "the target stands once",
    changes: { 11: LINES[2] },
    message: "line 11: EXT-X-TARGETDURATION is there twice",
  },
  { rule: "the version stands once", changes: { 11: LINES[1] }, message: "line 11: EXT-X-VERSION is there twice" },
  { rule: "the version is enough", changes: { 2: "#EXT-X-VERSION:8" }, message: "need version 9, and it says 8" },
  { rule: "without a version it is 1", changes: { 2: [] }, message: "need version 9, and it says 1" },
  {
    rule: "a map needs version 6",
    changes: { 2: "#EXT-X-VERSION:5", 8: [] },
    message: "need version 6, and it says 5",
  },
  {
    rule: "key formats need version 5",
    changes: { 2: "#EXT-X-VERSION:4", 8: [], 9: [], 10: '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="identity"' },
    message: "need version 5, and it says 4",
  },
  {
    rule: "byte ranges need 4",
    changes: { 2: "#EXT-X-VERSION:3", 8: [], 9: [] },
    message: "need version 4, and it says 3",
  },
  {
    rule: "durations with a point need 3",
    changes: { 2: "#EXT-X-VERSION:2", 8: [], 9: [], 20: [] },
    message: "need version 3, and it says 2",
  },
  {
    rule: "an IV needs 2",
    changes: { 2: [], 8: [], 9: [], 13: "#EXTINF:2,", 17: [], 18: [], 20: [], 21: "#EXTINF:2," },
    message: "need version 2, and it says 1",
  },
  {
    rule: "the media sequence precedes segments",
    changes: { 6: [], 15: "#EXT-X-MEDIA-SEQUENCE:7" },
    message: "line 14: EXT-X-MEDIA-SEQUENCE stands behind a segment's tag",
  },
  {
    rule: "the discontinuity sequence precedes segments",
    changes: { 7: [], 16: "#EXT-X-DISCONTINUITY-SEQUENCE:1" },
    message: "line 15: EXT-X-DISCONTINUITY-SEQUENCE stands behind a segment's tag",
  },
  {
    rule: "a playlist's type is known",
    changes: { 11: "#EXT-X-PLAYLIST-TYPE:LIVE" },
    message: "line 11: LIVE is not a type",
  },
  {
    rule: "VOD playlists end",
    changes: { 11: "#EXT-X-PLAYLIST-TYPE:VOD" },
    message: "a VOD playlist has no EXT-X-ENDLIST",
  },
  { rule: "flags have no value", changes: { 11: "#EXT-X-ENDLIST:1" }, message: "line 11: EXT-X-ENDLIST has no value" },
  {
    rule: "nothing is to come behind the end",
    changes: { 11: "#EXT-X-ENDLIST" },
    message: "it has ended, and media is to come",
  },
  {
    rule: "no hint comes behind the end",
    changes: { 11: "#EXT-X-ENDLIST", 23: [] },
    message: "it has ended, and media is to come",
  },
  { rule: "segments have durations", changes: { 13: [] }, message: "line 13: a URI has no EXTINF" },
  {
    rule: "a duration is a number",
    changes: { 13: "#EXTINF:two," },
    message: "line 13: EXTINF is not a duration and a comma",
  },
  { rule: "a duration is one number", changes: { 13: "#EXTINF:1.2.3," }, message: "line 13: 1.2.3 is not a number" },
  {
    rule: "a duration has a comma",
    changes: { 13: "#EXTINF:2.0" },
    message: "line 13: EXTINF is not a duration and a comma",
  },
  {
    rule: "a segment has one duration",
    changes: { 12: "#EXTINF:2.0," },
    message: "line 13: a segment has EXTINF twice",
  },
  {
    rule: "durations keep to the target",
    changes: { 13: "#EXTINF:2.5," },
    message: "8.m4s lasts 2.5 s, and the target is 2 s",
  },
  {
    rule: "a segment has a URI",
    changes: { 22: [], 23: [], 24: [], 25: [] },
    message: "line 21: the last segment has no URI",
  },
  {
    rule: "a gap needs a segment",
    changes: { 23: "#EXT-X-GAP", 24: [], 25: [] },
    message: "line 23: the last segment has no URI",
  },
  {
    rule: "a date has a time zone",
    changes: { 16: "#EXT-X-PROGRAM-DATE-TIME:2026-11-26T11:00:00" },
    message: "line 16: 2026",
  },
  {
    rule: "a date exists",
    changes: { 16: "#EXT-X-PROGRAM-DATE-TIME:2026-13-26T11:00:00Z" },
    message: "line 16: 2026-13",
  },
  {
    rule: "a segment has one date",
    changes: { 15: LINES[15] },
    message: "line 16: a segment has EXT-X-PROGRAM-DATE-TIME twice",
  },
  {
    rule: "discontinuities are single",
    changes: { 16: LINES[14] },
    message: "line 16: a segment has EXT-X-DISCONTINUITY twice",
  },
  { rule: "a byte range is one", changes: { 20: "#EXT-X-BYTERANGE:a@0" }, message: "line 20: a@0 is not a byte range" },
  {
    rule: "a byte range begins somewhere",
    changes: { 20: "#EXT-X-BYTERANGE:100" },
    message: "line 22: a byte range of 9.m4s does not say where it begins",
  },
  {
    rule: "a part's byte range begins somewhere",
    changes: { 23: '#EXT-X-PART:DURATION=1.0,URI="9.1.m4s",BYTERANGE="10"' },
    message: "line 23: a byte range of 9.1.m4s does not say where it begins",
  },
  { rule: "keys have a method", changes: { 10: '#EXT-X-KEY:URI="k"' }, message: "line 10: EXT-X-KEY lacks METHOD" },
  {
    rule: "the method is known",
    changes: { 10: '#EXT-X-KEY:METHOD=ROT13,URI="k"' },
    message: "line 10: METHOD is ROT13",
  },
  { rule: "keys have a URI", changes: { 10: "#EXT-X-KEY:METHOD=AES-128" }, message: "line 10: EXT-X-KEY lacks URI" },
  {
    rule: "no key has no attributes",
    changes: { 10: '#EXT-X-KEY:METHOD=NONE,URI="k"' },
    message: "line 10: EXT-X-KEY has URI though nothing is encrypted",
  },
  {
    rule: "an IV has 128 bits",
    changes: { 10: '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x00' },
    message: "IV has not 128 bits",
  },
  {
    rule: "an IV is hexadecimal",
    changes: { 10: '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=12' },
    message: "line 10: IV is not hex",
  },
  {
    rule: "key formats have versions",
    changes: { 10: '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMATVERSIONS="a"' },
    message: "line 10: KEYFORMATVERSIONS is not a list",
  },
  {
    rule: "an encrypted init segment has an IV",
    changes: { 8: '#EXT-X-KEY:METHOD=AES-128,URI="k"' },
    message: "line 9: an init segment is encrypted with a key that has no IV",
  },
  { rule: "a map has a URI", changes: { 9: '#EXT-X-MAP:BYTERANGE="1@0"' }, message: "line 9: EXT-X-MAP lacks URI" },
  { rule: "a URI is in quotes", changes: { 9: "#EXT-X-MAP:URI=init.mp4" }, message: "line 9: URI is not in quotes" },
  { rule: "a URI is not empty", changes: { 9: '#EXT-X-MAP:URI=""' }, message: "line 9: URI is empty" },
  {
    rule: "attributes are single",
    changes: { 9: '#EXT-X-MAP:URI="a",URI="b"' },
    message: "line 9: EXT-X-MAP has URI twice",
  },
  {
    rule: "attributes are known",
    changes: { 9: '#EXT-X-MAP:URI="a",URL="b"' },
    message: "line 9: EXT-X-MAP has no attribute URL",
  },
  {
    rule: "attributes have no spaces",
    changes: { 9: '#EXT-X-MAP:URI="a", X-A=1' },
    message: "line 9:  X-A=1 is not an",
  },
  { rule: "attributes have values", changes: { 9: "#EXT-X-MAP:URI" }, message: "line 9: URI is not an attribute list" },
  { rule: "attribute lists have no end", changes: { 9: '#EXT-X-MAP:URI="a",' }, message: "is not an attribute list" },
  { rule: "attribute lists are there", changes: { 9: "#EXT-X-MAP" }, message: "line 9: EXT-X-MAP has no attributes" },
  { rule: "a start has a place", changes: { 8: "#EXT-X-START:PRECISE=YES" }, message: "EXT-X-START lacks TIME-OFFSET" },
  { rule: "a start is a number", changes: { 8: "#EXT-X-START:TIME-OFFSET=--1" }, message: "-1 is not a number" },
  { rule: "parts need a target", changes: { 5: [] }, message: "there are parts, and no EXT-X-PART-INF" },
  {
    rule: "part information has a target",
    changes: { 5: "#EXT-X-PART-INF:X-A=1" },
    message: "line 5: EXT-X-PART-INF lacks PART-",
  },
  {
    rule: "parts have a duration",
    changes: { 17: '#EXT-X-PART:URI="9.0.m4s"' },
    message: "line 17: EXT-X-PART lacks DURATION",
  },
  { rule: "parts have a URI", changes: { 17: "#EXT-X-PART:DURATION=1" }, message: "line 17: EXT-X-PART lacks URI" },
  {
    rule: "flags are YES or NO",
    changes: { 17: '#EXT-X-PART:DURATION=1,URI="a",GAP=yes' },
    message: "GAP is yes, not YES or NO",
  },
  {
    rule: "parts keep to their target",
    changes: { 17: '#EXT-X-PART:DURATION=1.1,URI="a"' },
    message: "part a lasts 1.1 s",
  },
  {
    rule: "only a segment's last part is short",
    changes: { 17: '#EXT-X-PART:DURATION=0.84,URI="a"' },
    message: "part a lasts 0.84 s, under 85 % of 1 s",
  },
  {
    rule: "no part of a segment in progress is short",
    changes: { 23: '#EXT-X-PART:DURATION=0.84,URI="a"' },
    message: "part a lasts 0.84 s, under 85 % of 1 s",
  },
  {
    rule: "a segment is as long as its parts",
    changes: { 21: "#EXTINF:1.8," },
    message: "9.m4s lasts 1.8 s, and its parts 1.9 s",
  },
  {
    rule: "parts precede their segment's duration",
    changes: { 18: [], 21: ["#EXTINF:1.9,", LINES[17]] },
    message: "line 21: a part stands behind EXTINF of its segment",
  },
  {
    rule: "a discontinuity precedes parts",
    changes: { 15: [], 19: LINES[14] },
    message: "line 18: EXT-X-DISCONTINUITY stands behind a part of its segment",
  },
  {
    rule: "a key precedes parts",
    changes: { 19: LINES[9] },
    message: "line 19: EXT-X-KEY stands behind a part of its segment",
  },
  {
    rule: "a map precedes parts",
    changes: { 19: LINES[8] },
    message: "line 19: EXT-X-MAP stands behind a part of its segment",
  },
  {
    rule: "a hint has a type",
    changes: { 24: '#EXT-X-PRELOAD-HINT:URI="a"' },
    message: "line 24: EXT-X-PRELOAD-HINT lacks TYPE",
  },
  { rule: "hints are single", changes: { 25: LINES[23] }, message: "line 25: EXT-X-PRELOAD-HINT is there twice" },
  { rule: "hints come last", changes: { 25: LINES[22] }, message: "line 25: media stands behind EXT-X-PRELOAD-HINT" },
  { rule: "reports have a URI", changes: { 25: "#EXT-X-RENDITION-REPORT:LAST-MSN=1" }, message: "lacks URI" },
  { rule: "reports have a number", changes: { 25: '#EXT-X-RENDITION-REPORT:URI="a"' }, message: "lacks LAST-MSN" },
  {
    rule: "the skip boundary is far enough",
    changes: { 4: "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=11.9,PART-HOLD-BACK=2" },
    message: "CAN-SKIP-UNTIL is under six target durations",
  },
  {
    rule: "the hold-back is far enough",
    changes: { 4: "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=5.9,PART-HOLD-BACK=2" },
    message: "HOLD-BACK is under three target durations",
  },
  {
    rule: "the hold-back of parts is far enough",
    changes: { 4: "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.9" },
    message: "PART-HOLD-BACK is under two part targets",
  },
  {
    rule: "parts need a hold-back",
    changes: { 4: "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12" },
    message: "there are parts, and no PART-HOLD-BACK",
  },
  {
    rule: "parts need answers that wait",
    changes: { 4: "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=NO,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=2" },
    message: "there are parts, and no CAN-BLOCK-RELOAD",
  },
  {
    rule: "skipping is offered before it is done",
    changes: { 4: "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=2" },
    message: "segments are skipped, and there is no CAN-SKIP-UNTIL",
  },
  {
    rule: "what is skipped is counted",
    changes: { 8: "#EXT-X-SKIP:X-A=1" },
    message: "line 8: EXT-X-SKIP lacks SKIPPED-SEGMENTS",
  },
  {
    rule: "what is skipped comes first",
    changes: { 8: [], 15: LINES[7] },
    message: "line 14: EXT-X-SKIP stands behind a segment's tag",
  },
];

Deno.test("a playlist with everything is read", () => {
  const key = { method: "AES-128" as const, uri: "k", iv: Uint8Array.from({ length: 16 }, (_, i) => i) };
  const map = { uri: "init.mp4" };
  assertEquals(parseMediaPlaylist(spoiled({})), {
    version: 9,
    skipped: 1,
    targetDuration: 2,
    serverControl: { canSkipUntil: 12, holdBack: 6, partHoldBack: 2, canBlockReload: true },
    partTarget: 1,
    mediaSequence: 7,
    discontinuitySequence: 3,
    segments: [
      { uri: "8.m4s", duration: 2, map, key },
      {
        uri: "9.m4s",
        duration: 1.9,
        discontinuity: true,
        programDateTime: Date.UTC(2026, 10, 26, 9, 0, 0, 40),
        gap: true,
        byteRange: { length: 100, offset: 0 },
        map,
        key,
        parts: [
          { uri: "9.0.m4s", duration: 1, independent: true },
          { uri: "9.1.m4s", duration: 0.9 },
        ],
      },
    ],
    pending: { map, key, parts: [{ uri: "10.0.m4s", duration: 1, byteRange: { length: 10, offset: 0 } }] },
    preloadHint: { type: "PART", uri: "10.1.m4s", byteRangeStart: 10 },
    renditionReports: [{ uri: "../b/index.m3u8", lastMsn: 10, lastPart: 0 }],
  });
});

Deno.test("what a playlist must not be is refused, and it is said where", async (t) => {
  for (const { rule, changes, message } of CASES) {
    await t.step(rule, () => void assertThrows(() => parseMediaPlaylist(spoiled(changes)), FormatError, message));
  }
});

Deno.test("what players ignore is ignored", () => {
  const text = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#\n\n#EXTINF:1,\n# here too\n0.ts\n#EXT-X-KEY:METHOD=NONE,X-OWN=1\n";
  assertEquals(parseMediaPlaylist(text), {
    version: 1,
    skipped: 0,
    targetDuration: 1,
    segments: [{ uri: "0.ts", duration: 1 }],
  });
});

Deno.test("any lines in any order are read or refused", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...LINES)), (lines) => {
    survives(() => parseMediaPlaylist(["#EXTM3U", ...lines].join("\n")));
  }));
});

Deno.test("any damage is read or refused", () => {
  const whole = spoiled({});
  fc.assert(
    fc.property(fc.nat(whole.length), fc.string({ maxLength: 3 }), fc.nat(4), (at, text, length) => {
      survives(() => parseMediaPlaylist(whole.slice(0, at) + text + whole.slice(at + length)));
    }),
    { numRuns: 2000 },
  );
});
