import type { ResourceReading } from "../shared/serving/resource.ts";

/** Bytes that can be looked at anywhere. */
export interface ByteSource {
  /** How many there are. */
  readonly size: number;
  /** So many bytes from a position on; fewer at the end. Not to be written to. */
  bytes(position: number, count: number): Promise<Uint8Array>;
}

/** The bytes of a resource, as they are read for one answer. */
export function byteSource(reading: ResourceReading, size: number): ByteSource {
  return {
    size,
    async bytes(position, count) {
      const end = Math.min(size, position + count);
      if (position >= end) return new Uint8Array(0);
      const first = await reading.read(position);
      if (first.length >= end - position) return first.subarray(0, end - position);
      const all = new Uint8Array(end - position);
      for (let at = position, piece = first; at < end; at += piece.length) {
        if (at > position) piece = await reading.read(at);
        if (piece.length === 0) return all.subarray(0, at - position);
        all.set(piece.subarray(0, end - at), at - position);
      }
      return all;
    },
  };
}
