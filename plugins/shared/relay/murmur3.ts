const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** MurmurHash3 of bytes, 32 bits, seed 0: fast, and spread well; no protection against those who choose the bytes. */
export function murmur3(bytes: Uint8Array): number {
  let hash = 0;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    const word = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
    hash = Math.imul(rotated(hash ^ scrambled(word), 13), 5) + 0xe6546b64 | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at--) tail = tail << 8 | bytes[at];
  if (bytes.length > whole) hash ^= scrambled(tail);
  return mixed(hash ^ bytes.length) >>> 0;
}

function scrambled(word: number): number {
  return Math.imul(rotated(Math.imul(word, C1), 15), C2);
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> 32 - bits;
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  const twice = Math.imul(once ^ once >>> 13, 0xc2b2ae35);
  return twice ^ twice >>> 16;
}
