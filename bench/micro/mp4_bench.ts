import { ByteWriter } from "../../media/bytes.ts";
import { type TrackRun, writeFragment } from "../../media/mp4/fragment.ts";
import { RunBuilder } from "../../media/mp4/run_builder.ts";
import { mp4Track } from "../../media/mp4/track.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { mediaPackets } from "./media_packets.ts";

/** Packets in one measured round. */
const PACKETS = 10_000;

for (const [what, length] of [["two seconds", 2_000_000], ["200 ms", 200_000]] as const) {
  for (const pictureBytes of [1_000, 20_000]) {
    const [video, audio, ...frames] = mediaPackets(PACKETS, pictureBytes);
    Deno.bench(`fMP4, fragments of ${what}: ${PACKETS} packets, pictures of ${pictureBytes} bytes`, () => {
      writeFragments([video, audio], frames, length);
    });
  }
}

function writeFragments(configs: readonly MediaPacket[], frames: readonly MediaPacket[], length: number): void {
  const out = new ByteWriter(8 << 20);
  const builders = configs.map(({ kind, codec, data }, i) => {
    return new RunBuilder(mp4Track({ id: i + 1, kind: kind as "video" | "audio", codec, config: data })!);
  });
  let end = length;
  for (const frame of frames) {
    if (frame.dts >= end) {
      if (out.length > 4 << 20) out.clear();
      const tracks = builders.map((builder) => builder.take()).filter((run): run is TrackRun => run !== undefined);
      writeFragment(out, { sequence: 1, tracks, beginsSegment: true });
      end += length;
    }
    builders[frame.kind === "video" ? 0 : 1].add(frame);
  }
}
