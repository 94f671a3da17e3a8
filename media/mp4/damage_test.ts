import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { MediaPacket } from "../packet.ts";
import { bytes, WHOLE_CONFIGS } from "../testing.ts";
import { writeFragment } from "./fragment.ts";
import { FragmentReader } from "./fragment_reader.ts";
import { initSegment } from "./init_segment.ts";
import { RunBuilder } from "./run_builder.ts";
import { type Mp4Track, mp4Track } from "./track.ts";

const CODECS = ["avc", "hevc", "av1", "vp8", "vp9", "aac", "mp3", "opus", "flac", "ac3", "eac3", "video-4"];
const KINDS: Readonly<Record<string, "video" | "audio">> = Object.fromEntries(
  ["avc", "hevc", "av1", "vp8", "vp9", "video-4"].map((codec) => [codec, "video"]),
);

const NOISE = fc.uint8Array({ maxLength: 80 });

/** The track, if it can be made of this; what cannot be read is said in words. */
function trackOf(codec: string, config: Uint8Array | undefined, frame: Uint8Array): Mp4Track | undefined {
  try {
    return mp4Track({ id: 1, kind: KINDS[codec] ?? "audio", codec, config, frame });
  } catch (error) {
    assert(error instanceof FormatError && error.message.length > 10, String(error));
    return undefined;
  }
}

Deno.test("whatever a codec is described by, there is a track that can be read again, or it is said why not", () => {
  const described = fc.tuple(fc.constantFrom(...CODECS), fc.option(NOISE, { nil: undefined }), NOISE);
  fc.assert(
    fc.property(described, ([codec, config, frame]) => {
      const track = trackOf(codec, config, frame);
      if (!track) return;
      const [event] = new FragmentReader().read(initSegment([track]));
      assert(event.type === "tracks");
      const { clock: _, ...kept } = track;
      assertEquals(event.tracks, [kept]);
    }),
    { numRuns: 3000 },
  );
});

const FRAMES = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 10_000_000 }),
    offset: fc.integer({ min: -200_000, max: 5_000_000 }),
    isKey: fc.boolean(),
    data: NOISE,
  }),
  { minLength: 1, maxLength: 12 },
);

Deno.test("whatever frames are sent, a fragment of them can be read again, every byte of them", () => {
  fc.assert(fc.property(fc.constantFrom(...Object.keys(WHOLE_CONFIGS)), FRAMES, (codec, sent) => {
    const track = trackOf(codec, bytes(WHOLE_CONFIGS[codec]), bytes("8249834200 04f0 02cc 00"));
    if (!track) return;
    const builder = new RunBuilder(track);
    let dts = 0;
    for (const { wait, offset, isKey, data } of sent) {
      dts += wait;
      const role = track.kind === "audio" ? "frame" : isKey ? "key" : "delta";
      const packet = { kind: track.kind, role, codec, track: 0, dts, pts: dts + offset, data, body: data };
      builder.add(packet as MediaPacket);
    }
    const run = builder.take()!;
    const out = new ByteWriter().raw(initSegment([track]));
    writeFragment(out, { sequence: 1, tracks: [run] });
    const file = out.view();
    const [, event] = new FragmentReader().read(file);
    assert(event?.type === "fragment");
    const { samples } = event.runs[0];
    assertEquals(
      samples.map(({ position, size, duration, offset }) => [file.slice(position, position + size), duration, offset]),
      run.samples.map(({ data, duration, offset }) => [data, duration, offset]),
    );
  }));
});
