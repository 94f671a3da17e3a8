import { createHmac, randomFillSync, timingSafeEqual } from "node:crypto";

/** Length of C1, C2, S1 and S2, in bytes (RTMP 1.0, section 5.2.3). */
export const HANDSHAKE_BYTES = 1536;

const DIGEST_BYTES = 32;
const SIGNED_BYTES = HANDSHAKE_BYTES - DIGEST_BYTES;
const VERSION_AT = 4;

const SECRET_TAIL = Uint8Array.from(
  [0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57]
    .concat([0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae]),
);

/** Who signs: each side has a public phrase for its first packet, and the phrase with a tail for its second. */
export interface HandshakeSigner {
  readonly phrase: Uint8Array;
  readonly secret: Uint8Array;
  /** The version that this side writes into its first packet; not zero, which would mean the simple handshake. */
  readonly version: readonly number[];
}

/** How a client signs, with the version of a Flash Player that knew H.264. */
export const CLIENT_SIGNER: HandshakeSigner = signer("Genuine Adobe Flash Player 001", [9, 0, 124, 2]);

/** How a server signs; clients take a first version byte of 3 or more as the announcement of a digest. */
export const SERVER_SIGNER: HandshakeSigner = signer("Genuine Adobe Flash Media Server 001", [4, 5, 0, 1]);

/**
 * Where the digest's offset is written: `early` in bytes 8 to 11, with the digest in the packet's first half, `late` in
 * bytes 772 to 775, with the digest in its second half.
 */
export type DigestScheme = "early" | "late";

const OFFSET_AT: Record<DigestScheme, number> = { early: 8, late: 772 };
const OFFSET_RANGE = 728;

/** A digest that verified, and the scheme that it was found by. */
export interface FoundDigest {
  readonly scheme: DigestScheme;
  readonly digest: Uint8Array;
}

/** A C1 or S1: time 0, the signer's version, random bytes, and its digest at the place that the scheme gives. */
export function signedFirstPacket(by: HandshakeSigner, scheme: DigestScheme): Uint8Array {
  const packet = randomFillSync(new Uint8Array(HANDSHAKE_BYTES)).fill(0, 0, VERSION_AT);
  packet.set(by.version, VERSION_AT);
  const at = digestAt(packet, scheme);
  packet.set(firstDigest(packet, at, by), at);
  return packet;
}

/** Finds the digest that the signer put into its C1 or S1; undefined when neither scheme verifies. */
export function findDigest(packet: Uint8Array, by: HandshakeSigner): FoundDigest | undefined {
  for (const scheme of ["late", "early"] as const) {
    const at = digestAt(packet, scheme);
    const digest = packet.slice(at, at + DIGEST_BYTES);
    if (timingSafeEqual(digest, firstDigest(packet, at, by))) return { scheme, digest };
  }
  return undefined;
}

/** A C2 or S2: random bytes, then their signature under a key that is made of the digest in the peer's first packet. */
export function signedSecondPacket(by: HandshakeSigner, peerDigest: Uint8Array): Uint8Array {
  const packet = randomFillSync(new Uint8Array(HANDSHAKE_BYTES));
  packet.set(secondSignature(packet, by, peerDigest), SIGNED_BYTES);
  return packet;
}

/** The last 32 bytes of a C2 or S2: a signature of all before them, under a key made of the peer's digest. */
export function secondSignature(packet: Uint8Array, by: HandshakeSigner, peerDigest: Uint8Array): Uint8Array {
  const key = createHmac("sha256", by.secret).update(peerDigest).digest();
  return createHmac("sha256", key).update(packet.subarray(0, SIGNED_BYTES)).digest();
}

function signer(phrase: string, version: readonly number[]): HandshakeSigner {
  const bytes = new TextEncoder().encode(phrase);
  const secret = new Uint8Array(bytes.length + SECRET_TAIL.length);
  secret.set(bytes);
  secret.set(SECRET_TAIL, bytes.length);
  return { phrase: bytes, secret, version };
}

function digestAt(packet: Uint8Array, scheme: DigestScheme): number {
  const at = OFFSET_AT[scheme];
  const sum = packet[at] + packet[at + 1] + packet[at + 2] + packet[at + 3];
  return at + 4 + sum % OFFSET_RANGE;
}

/** The digest covers the whole packet but its own 32 bytes. */
function firstDigest(packet: Uint8Array, at: number, by: HandshakeSigner): Uint8Array {
  return createHmac("sha256", by.phrase).update(packet.subarray(0, at)).update(packet.subarray(at + DIGEST_BYTES))
    .digest();
}
