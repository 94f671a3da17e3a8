/** The length of an AES-128 key and of an initialization vector, in bytes. */
export const SEGMENT_KEY_BYTES = 16;

/** The initialization vector of a segment whose key has none: its media sequence number, big-endian (RFC 8216, 5.2). */
export function sequenceIv(mediaSequence: number): Uint8Array<ArrayBuffer> {
  const iv = new Uint8Array(SEGMENT_KEY_BYTES);
  new DataView(iv.buffer).setBigUint64(8, BigInt(mediaSequence));
  return iv;
}

/**
 * Encrypts whole segments and init segments as `METHOD=AES-128` wants it: AES-128 in CBC mode with PKCS7 padding, each for
 * itself (RFC 8216, 4.3.2.4).
 */
export class SegmentCipher {
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** Throws RangeError when the key has not 16 bytes. */
  static async open(key: Uint8Array<ArrayBuffer>): Promise<SegmentCipher> {
    checkLength("A segment key", key);
    return new SegmentCipher(await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt", "decrypt"]));
  }

  /** What a segment becomes: 1 to 16 bytes longer. Throws RangeError when `iv` has not 16 bytes. */
  async encrypt(segment: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    checkLength("An initialization vector", iv);
    return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, this.#key, segment));
  }

  /** What a segment was. Rejects when it was not encrypted with this key. */
  async decrypt(segment: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    checkLength("An initialization vector", iv);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, this.#key, segment));
  }
}

function checkLength(name: string, { length }: Uint8Array): void {
  if (length !== SEGMENT_KEY_BYTES) throw new RangeError(`${name} has ${SEGMENT_KEY_BYTES} bytes, not ${length}`);
}
