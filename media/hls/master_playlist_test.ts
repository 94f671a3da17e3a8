import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../errors.ts";
import { survives } from "../testing.ts";
import {
  type AlternativeRendition,
  type MasterPlaylist,
  type Variant,
  writeMasterPlaylist,
} from "./master_playlist.ts";
import { parseMasterPlaylist } from "./master_playlist_parser.ts";

const PLAYLIST: MasterPlaylist = {
  independentSegments: true,
  sessionKeys: [{ method: "AES-128", uri: "k", keyFormat: "identity", keyFormatVersions: "1" }],
  renditions: [
    {
      type: "AUDIO",
      groupId: "sound",
      name: "Deutsch",
      language: "de",
      isDefault: true,
      autoselect: true,
      channels: "2",
      uri: "de/index.m3u8",
    },
    { type: "AUDIO", groupId: "sound", name: "English", language: "en", autoselect: true, uri: "en/index.m3u8" },
    { type: "AUDIO", groupId: "low", name: "Deutsch" },
  ],
  variants: [
    {
      uri: "../cam_1080/index.m3u8",
      bandwidth: 5_000_000,
      averageBandwidth: 4_200_000,
      codecs: ["avc1.640028", "mp4a.40.2"],
      resolution: { width: 1920, height: 1080 },
      frameRate: 29.97,
      audio: "sound",
    },
    { uri: "../cam_480/index.m3u8?a=b", bandwidth: 1, audio: "low" },
    { uri: "bare.m3u8", bandwidth: 800_000 },
  ],
};

const LINES = [
  "#EXTM3U", // 1
  "#EXT-X-VERSION:5",
  "#EXT-X-INDEPENDENT-SEGMENTS",
  '#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k",KEYFORMAT="identity",KEYFORMATVERSIONS="1"',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="de/index.m3u8"',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en",AUTOSELECT=YES,URI="en/index.m3u8"',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low",NAME="Deutsch"', // 7
  '#EXT-X-STREAM-INF:BANDWIDTH=5000000,AVERAGE-BANDWIDTH=4200000,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,FRAME-RATE=29.970,AUDIO="sound"',
  "../cam_1080/index.m3u8",
  '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="low"', // 10
  "../cam_480/index.m3u8?a=b",
  "#EXT-X-STREAM-INF:BANDWIDTH=800000",
  "bare.m3u8", // 13
];

Deno.test("multivariant playlists are written and read", () => {
  const text = LINES.join("\n") + "\n";
  assertEquals(writeMasterPlaylist(PLAYLIST), text);
  assertEquals(parseMasterPlaylist(text), { version: 5, ...PLAYLIST });
});

Deno.test("a multivariant playlist needs no version unless keys do", () => {
  const version = (more: Partial<MasterPlaylist>) => {
    return parseMasterPlaylist(writeMasterPlaylist({ variants: [{ uri: "a", bandwidth: 1 }], ...more })).version;
  };
  assertStrictEquals(version({}), 1);
  assertStrictEquals(version({ sessionKeys: [{ method: "AES-128", uri: "k" }] }), 1);
  assertStrictEquals(version({ sessionKeys: [{ method: "AES-128", uri: "k", iv: new Uint8Array(16) }] }), 2);
  assertStrictEquals(version({ sessionKeys: [{ method: "SAMPLE-AES", uri: "k" }] }), 5);
});

Deno.test("what is played by default may be chosen as well", () => {
  const renditions: AlternativeRendition[] = [{ type: "AUDIO", groupId: "a", name: "b", isDefault: true }];
  const read = parseMasterPlaylist(
    writeMasterPlaylist({ renditions, variants: [{ uri: "v", bandwidth: 1, audio: "a" }] }),
  );
  assertEquals(read.renditions, [{ type: "AUDIO", groupId: "a", name: "b", isDefault: true, autoselect: true }]);
});

Deno.test("what cannot stand in a multivariant playlist is refused", () => {
  const write = (variant: Partial<Variant>, rendition: Partial<AlternativeRendition> = {}) => () => {
    return writeMasterPlaylist({
      variants: [{ uri: "a", bandwidth: 1, ...variant }],
      renditions: [{ type: "AUDIO", groupId: "g", name: "n", ...rendition }],
    });
  };
  for (const bandwidth of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(write({ bandwidth }), RangeError, "is not a whole number of bits a second");
    assertThrows(write({ averageBandwidth: bandwidth }), RangeError, "is not a whole number of bits a second");
  }
  assertThrows(write({ audio: "h" }), RangeError, "Variant a has h as its group of type AUDIO, and there is none");
  assertThrows(write({ video: "g" }), RangeError, "Variant a has g as its group of type VIDEO");
  assertThrows(write({ subtitles: "g" }), RangeError, "Variant a has g as its group of type SUBTITLES");
  assertThrows(write({ uri: "#a" }), RangeError, "cannot stand in a playlist as a URI");
  assertThrows(write({ codecs: ['a"'] }), RangeError, "in quotes");
  for (const name of ["name", "groupId", "uri", "language", "channels"]) {
    assertThrows(write({}, { [name]: 'a"b' }), RangeError, "in quotes");
  }
});

const CASES: readonly {
  readonly rule: string;
  readonly line: number;
  readonly text?: string;
  readonly message: string;
}[] = [
  { rule: "there are variants", line: 0, text: "#EXTM3U", message: "it has no variants" },
  { rule: "the version is enough", line: 2, text: "#EXT-X-VERSION:4", message: "need version 5, and it says 4" },
  { rule: "tags are single", line: 3, text: "#EXT-X-VERSION:5", message: "line 3: EXT-X-VERSION is there twice" },
  { rule: "tags are known", line: 3, text: "#EXT-X-ENDLIST", message: "line 3: EXT-X-ENDLIST is not known" },
  {
    rule: "session keys are keys",
    line: 4,
    text: "#EXT-X-SESSION-KEY:METHOD=NONE",
    message: "line 4: EXT-X-SESSION-KEY cannot",
  },
  {
    rule: "variants have a bandwidth",
    line: 12,
    text: '#EXT-X-STREAM-INF:CODECS="a"',
    message: "line 12: EXT-X-STREAM-INF lacks",
  },
  { rule: "a bandwidth is not 0", line: 12, text: "#EXT-X-STREAM-INF:BANDWIDTH=0", message: "line 12: BANDWIDTH is 0" },
  { rule: "variants have a URI", line: 13, message: "line 12: the URI of EXT-X-STREAM-INF does not follow it" },
  { rule: "a URI follows at once", line: 11, message: "line 11: the URI of EXT-X-STREAM-INF does not follow it" },
  { rule: "URIs are of variants", line: 12, message: "line 12: a URI has no EXT-X-STREAM-INF" },
  {
    rule: "codecs are a list",
    line: 12,
    text: '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.640028, mp4a.40.2"',
    message: 'line 12: " mp4a.40.2" is not a codec',
  },
  {
    rule: "no codec is empty",
    line: 12,
    text: '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=""',
    message: 'line 12: "" is not a codec',
  },
  {
    rule: "a resolution is one",
    line: 12,
    text: "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640*360",
    message: "line 12: RESOLUTION is not a resolution",
  },
  {
    rule: "groups exist",
    line: 12,
    text: '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="none"',
    message: "bare.m3u8 has a group none of type AUDIO, and there is none",
  },
  {
    rule: "groups are of their type",
    line: 12,
    text: '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="low"',
    message: "bare.m3u8 has a group low of type SUBTITLES, and there is none",
  },
  {
    rule: "renditions have a type",
    line: 7,
    text: '#EXT-X-MEDIA:GROUP-ID="low",NAME="a"',
    message: "line 7: EXT-X-MEDIA lacks TYPE",
  },
  {
    rule: "renditions have a group",
    line: 7,
    text: '#EXT-X-MEDIA:TYPE=AUDIO,NAME="a"',
    message: "line 7: EXT-X-MEDIA lacks GROUP-ID",
  },
  {
    rule: "renditions have a name",
    line: 7,
    text: '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low"',
    message: "line 7: EXT-X-MEDIA lacks NAME",
  },
  {
    rule: "names are unique in a group",
    line: 7,
    text: '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="English"',
    message: "line 7: two renditions of a group are English",
  },
  {
    rule: "a group has one default",
    line: 7,
    text: '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="a",DEFAULT=YES',
    message: "line 7: a group has two defaults",
  },
  {
    rule: "a default may be chosen",
    line: 7,
    text: '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low",NAME="a",DEFAULT=YES,AUTOSELECT=NO',
    message: "line 7: DEFAULT is YES, and AUTOSELECT is NO",
  },
  {
    rule: "subtitles have a URI",
    line: 7,
    text: '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="low",NAME="a"',
    message: "line 7: EXT-X-MEDIA lacks URI",
  },
];

Deno.test("what a multivariant playlist must not be is refused, and it is said where", async (t) => {
  for (const { rule, line, text, message } of CASES) {
    await t.step(rule, () => {
      const lines = line === 0 ? [] : LINES.flatMap((good, i) => i + 1 === line ? text ?? [] : good);
      assertThrows(() => parseMasterPlaylist(["#EXTM3U", ...lines.slice(1)].join("\n")), FormatError, message);
    });
  }
});

Deno.test("any lines in any order are read as multivariant playlists or refused", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...LINES)), (lines) => {
    survives(() => parseMasterPlaylist(["#EXTM3U", ...lines].join("\n")));
  }));
});
