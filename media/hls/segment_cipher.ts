/** The length of the key of `METHOD=AES-128`, and of an initialization vector, in bytes (RFC 8216, 4.3.2.4). */
export const SEGMENT_KEY_BYTES = 16;

/** The initialization vector of a segment whose key has none: its media sequence number, big-endian (RFC 8216, 5.2). */
export function sequenceIv(mediaSequence: number): Uint8Array<ArrayBuffer> {
  const iv = new Uint8Array(SEGMENT_KEY_BYTES);
  new DataView(iv.buffer).setBigUint64(8, BigInt(mediaSequence));
  return iv;
}
