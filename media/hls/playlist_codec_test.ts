import { assertStrictEquals } from "@std/assert";
import type { Codec } from "../packet.ts";
import { bytes } from "../testing.ts";
import { playlistCodec } from "./playlist_codec.ts";

const CASES: readonly { readonly codec: Codec; readonly config?: string; readonly name: string | undefined }[] = [
  { codec: "avc", config: "0142c016ff e0 00", name: "avc1.42c016" },
  { codec: "avc", config: "01640028ff e0 00", name: "avc1.640028" },
  { codec: "avc", name: undefined },
  { codec: "hevc", config: "01 01 60000000 900000000000 5a f000fcfdf8f800000f 00", name: "hvc1.1.6.L90.90" },
  { codec: "hevc", config: "01 22 20000000 900000000000 96 f000fcfdf8f800000f 00", name: "hvc1.2.4.H150.90" },
  { codec: "av1", config: "81 4d 80 00", name: "av01.2.13H.08" },
  { codec: "vp9", config: "00 1f 82 02 02 02 0000", name: "vp09.00.31.08" },
  { codec: "aac", config: "1210", name: "mp4a.40.2" },
  { codec: "aac", config: "2b8a08", name: "mp4a.40.5" },
  { codec: "aac", config: "eb098800", name: "mp4a.40.29" },
  { codec: "aac", name: undefined },
  { codec: "mp3", name: "mp4a.40.34" },
  { codec: "ac3", name: "ac-3" },
  { codec: "eac3", name: "ec-3" },
  { codec: "opus", name: "opus" },
  { codec: "flac", config: '"fLaC" 00000022', name: "fLaC" },
  { codec: "video-4", name: undefined },
  { codec: "constructor", name: undefined },
];

Deno.test("codecs have the names that playlists have for them", async (t) => {
  for (const { codec, config, name } of CASES) {
    await t.step(`${codec} ${config ?? "without a configuration"} is ${name}`, () => {
      assertStrictEquals(playlistCodec(codec, config === undefined ? undefined : bytes(config)), name);
    });
  }
});
