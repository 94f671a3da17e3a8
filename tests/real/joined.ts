import type { MediaPacket } from "../../media/packet.ts";

/** The packets of clips one behind the other, each moved to the end of the one before. */
export function joined(clips: readonly MediaPacket[][]): MediaPacket[] {
  let end = 0;
  return clips.flatMap((packets) => {
    const first = Math.min(...packets.filter(({ role }) => role !== "config").map(({ dts }) => dts));
    const moved = packets.map((packet) => movedBy(packet, end - first));
    end = Math.max(...moved.map(({ dts }) => dts)) + 40_000;
    return moved;
  });
}

function movedBy(packet: MediaPacket, shift: number): MediaPacket {
  return { ...packet, dts: packet.dts + shift, pts: packet.pts + shift };
}
