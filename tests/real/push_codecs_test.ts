import { assert, assertEquals, assertRejects } from "@std/assert";
import { openSource } from "../../clients/open_source.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";
import { ffmpeg } from "./ffmpeg.ts";

const PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440"];

interface Case {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** What is left out, in words. */
  readonly faults: readonly string[];
  /** What is published. */
  readonly codecs: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "MPEG-2 video and AAC in MPEG-TS",
    file: "film.ts",
    args: [...PICTURE, ...SOUND, "-c:v", "mpeg2video", "-c:a", "aac"],
    faults: ["The picture is MPEG-2 video, which FLV cannot carry"],
    codecs: ["aac"],
  },
  {
    name: "H.264 and SMPTE 302M in MPEG-TS",
    file: "film.ts",
    args: [...PICTURE, ...SOUND, "-c:v", "libx264", "-c:a", "s302m", "-ar", "48000", "-ac", "2", "-strict", "-2"],
    faults: ["The sound is SMPTE 302M, which FLV cannot carry"],
    codecs: ["avc"],
  },
  {
    name: "H.264 and PCM in Matroska",
    file: "film.mkv",
    args: [...PICTURE, ...SOUND, "-c:v", "libx264", "-c:a", "pcm_s16le"],
    faults: ["The sound is pcm-s16, which FLV cannot carry"],
    codecs: ["avc"],
  },
  {
    name: "MPEG-2 video alone in MPEG-TS",
    file: "film.ts",
    args: [...PICTURE, "-c:v", "mpeg2video"],
    faults: ["The picture is MPEG-2 video, which FLV cannot carry"],
    codecs: [],
  },
];

for (const { name, file, args, faults, codecs } of CASES) {
  Deno.test(`of ${name} that is to be pushed it is said what is left out`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/${file}`;
      const { success, log } = await ffmpeg([...args, "-t", "1", path]);
      assert(success, log);
      if (codecs.length === 0) {
        const error = await assertRejects(() => openSource(systemFiles, path), Error);
        assertEquals(error.message, `Nothing in ${path} can be published: ${faults.join("; ")}`);
        return;
      }
      await using source = await openSource(systemFiles, path);
      assertEquals(source.faults, faults);
      const packets = await Array.fromAsync(source.packets());
      assertEquals([...new Set(packets.map(({ codec }) => codec))], codecs);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
