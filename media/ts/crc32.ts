const POLYNOMIAL = 0x04c1_1db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value << 1 ^ (value < 0 ? POLYNOMIAL : 0);
  return value;
});

/** The CRC_32 of a PSI section (ISO/IEC 13818-1, annex A): over a section with its own CRC at the end it is 0. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = value << 8 ^ TABLE[value >>> 24 ^ byte];
  return value >>> 0;
}
