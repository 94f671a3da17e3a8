import { assert, assertEquals } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { assertDecodable, assertMonotonic, frames, hasBodyOf } from "../support/packets.ts";

/** The pictures among packets. */
export function picturesOf(packets: readonly MediaPacket[]): readonly MediaPacket[] {
  return frames(packets).filter(({ kind }) => kind === "video");
}

/** Fails unless pictures and sounds are those of the film, to the byte, from somewhere on and round after round. */
export function assertShows(film: readonly MediaPacket[], got: readonly MediaPacket[], what: string): void {
  assertMonotonic(frames(got));
  assertDecodable(got);
  for (const kind of ["video", "audio"] as const) {
    const round = film.filter((packet) => packet.kind === kind);
    const seen = frames(got).filter((packet) => packet.kind === kind);
    assert(seen.length > 0, `${what}: nothing of ${kind}`);
    const starts = round.keys().filter((at) => hasBodyOf(seen[0])(round[at]));
    const isRun = (start: number) => seen.every((packet, i) => hasBodyOf(packet)(round[(start + i) % round.length]));
    const start = starts.find(isRun);
    assert(start !== undefined, `${what}: the ${kind} is not that of the film`);
    for (let i = 1; i < seen.length; i++) {
      const at = (start + i) % round.length;
      if (at > 0) {
        assertEquals(seen[i].dts - seen[i - 1].dts, round[at].dts - round[at - 1].dts, `${what}: ${kind} ${i}`);
      }
    }
  }
}
