import { randomFillSync } from "node:crypto";
import { concat } from "../../../media/bytes.ts";
import { RtmpProtocolError } from "./errors.ts";
import {
  CLIENT_SIGNER,
  findDigest,
  HANDSHAKE_BYTES,
  SERVER_SIGNER,
  signedFirstPacket,
  signedSecondPacket,
} from "./handshake_digest.ts";

/** The only version of RTMP that is spoken here, and the first byte that either side sends (C0, S0). */
export const RTMP_VERSION = 3;

const FIRST_FLIGHT_BYTES = 1 + HANDSHAKE_BYTES;
const BOTH_FLIGHTS_BYTES = FIRST_FLIGHT_BYTES + HANDSHAKE_BYTES;

/** What other first bytes mean, for those who meant to speak RTMP. */
const OTHER_PROTOCOLS: Record<number, string> = {
  0x06: "RTMPE, the encrypted variant; use rtmp:// or rtmps://",
  0x08: "RTMPE with XTEA; use rtmp:// or rtmps://",
  0x16: "TLS; is this rtmps:// on a port for rtmp://?",
  0x47: "HTTP",
  0x48: "HTTP",
  0x50: "HTTP",
};

/** One side of the handshake: takes the peer's bytes in any split, gives the bytes to answer with. */
export interface Handshake {
  /** True once the peer's three packets have arrived; what follows them is chunks. */
  readonly done: boolean;
  /**
   * Takes bytes from the peer and says how many of them belonged to the handshake.
   *
   * @throws {RtmpProtocolError} when the first byte is not {@linkcode RTMP_VERSION}
   */
  receive(bytes: Uint8Array): number;
  /** The bytes to send now, if there are any. */
  take(): Uint8Array | undefined;
}

/** Gathers the peer's version byte and first packet, calls `answer` once, then lets the second packet pass. */
class HandshakeSide implements Handshake {
  readonly #first = new Uint8Array(FIRST_FLIGHT_BYTES);
  readonly #answer: (peerFirst: Uint8Array) => Uint8Array;
  #received = 0;
  #out: Uint8Array | undefined;

  constructor(opening: Uint8Array | undefined, answer: (peerFirst: Uint8Array) => Uint8Array) {
    this.#out = opening;
    this.#answer = answer;
  }

  get done(): boolean {
    return this.#received === BOTH_FLIGHTS_BYTES;
  }

  receive(bytes: Uint8Array): number {
    if (this.#received === 0 && bytes.length > 0) checkVersion(bytes[0]);
    const first = Math.min(Math.max(FIRST_FLIGHT_BYTES - this.#received, 0), bytes.length);
    if (first > 0) {
      this.#first.set(bytes.subarray(0, first), this.#received);
      if (this.#received + first === FIRST_FLIGHT_BYTES) this.#reply();
    }
    const used = Math.min(bytes.length, BOTH_FLIGHTS_BYTES - this.#received);
    this.#received += used;
    return used;
  }

  take(): Uint8Array | undefined {
    const out = this.#out;
    this.#out = undefined;
    return out;
  }

  #reply(): void {
    const answer = this.#answer(this.#first.subarray(1));
    this.#out = this.#out ? concat([this.#out, answer]) : answer;
  }
}

/**
 * The server's side (RTMP 1.0, section 5.2): answers a C1 whose digest verifies with a digest by the same scheme and a
 * signed S2, and any other C1 with the simple handshake.
 *
 * C2 is counted and not compared: encoders send old, empty or wrong ones, and a match would prove nothing.
 */
export function serverHandshake(): Handshake {
  return new HandshakeSide(undefined, (c1) => {
    const found = hasVersion(c1) ? findDigest(c1, CLIENT_SIGNER) : undefined;
    const s1 = found ? signedFirstPacket(SERVER_SIGNER, found.scheme) : SIMPLE_FIRST_PACKET;
    const s2 = found ? signedSecondPacket(SERVER_SIGNER, found.digest) : c1;
    return concat([Uint8Array.of(RTMP_VERSION), s1, s2]);
  });
}

/**
 * The client's side: opens with a digest, answers an S1 whose digest verifies with a signed C2, any other with its echo.
 *
 * S2 is counted and not compared, as plain servers echo and some sign with keys of their own.
 */
export function clientHandshake(): Handshake {
  const c0c1 = concat([Uint8Array.of(RTMP_VERSION), signedFirstPacket(CLIENT_SIGNER, "early")]);
  return new HandshakeSide(c0c1, (s1) => {
    const found = findDigest(s1, SERVER_SIGNER);
    return found ? signedSecondPacket(CLIENT_SIGNER, found.digest) : s1.slice();
  });
}

/** Random bytes behind time and version 0. Nothing depends on their being new, and thousands of peers may come at once. */
const SIMPLE_FIRST_PACKET = randomFillSync(new Uint8Array(HANDSHAKE_BYTES)).fill(0, 0, 8);

/** A peer that puts a digest into its packet says its version there; zeros mean the simple handshake. */
function hasVersion(packet: Uint8Array): boolean {
  return packet[4] !== 0 || packet[5] !== 0 || packet[6] !== 0 || packet[7] !== 0;
}

function checkVersion(version: number): void {
  if (version === RTMP_VERSION) return;
  const other = OTHER_PROTOCOLS[version];
  const hint = other ? `, which is ${other}` : "";
  throw new RtmpProtocolError(
    `The handshake begins with byte 0x${version.toString(16).padStart(2, "0")}${hint}; RTMP begins with 0x03`,
  );
}
