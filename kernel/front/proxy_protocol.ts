import type { PeerAddress } from "./peer_address.ts";
import { parseIp } from "./ip_address.ts";

/** A connection's beginning that is no PROXY protocol header, though it has to be, or is a broken one. */
export class ProxyProtocolError extends Error {
  override readonly name = "ProxyProtocolError";
}

/** What was found at a connection's beginning. */
export interface ProxyHeader {
  /** Whether there was a header at all. */
  readonly isPresent: boolean;
  /** Who is behind the proxy; undefined when the proxy speaks for itself, or does not know. */
  readonly peer?: PeerAddress;
  /** What came behind the header. */
  readonly rest: Uint8Array;
}

/** The longest header of version 1, with its line's end (PROXY protocol, section 2.1). */
const MAX_V1_BYTES = 107;

/** Version 2 may name up to 65,535 bytes; addresses and the extensions in use need a few hundred. */
const MAX_V2_BYTES = 4096;

const V1_START = ascii("PROXY ");
const V2_SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

/** Signature, version and command, family, length (section 2.2). */
const V2_HEAD_BYTES = 16;

const NOTHING = new Uint8Array(0);

/**
 * Reads the header by which a proxy says for whom it opens a connection: the PROXY protocol, versions 1 and 2.
 *
 * It stands once, before all other bytes; `isRequired` says that a connection without it is an error.
 */
export class ProxyHeaderReader {
  readonly #isRequired: boolean;
  #bytes: Uint8Array = NOTHING;

  constructor(isRequired: boolean) {
    this.#isRequired = isRequired;
  }

  /**
   * Takes bytes; gives what was found once that is known, undefined as long as more is needed.
   *
   * @throws {ProxyProtocolError} when the header is broken, too long, or missing where it is required
   */
  receive(bytes: Uint8Array): ProxyHeader | undefined {
    this.#bytes = this.#bytes.length === 0 ? bytes : joined(this.#bytes, bytes);
    if (begins(this.#bytes, V1_START)) return this.#bytes.length < V1_START.length ? undefined : readV1(this.#bytes);
    if (begins(this.#bytes, V2_SIGNATURE)) return this.#bytes.length < V2_HEAD_BYTES ? undefined : readV2(this.#bytes);
    if (this.#isRequired) throw new ProxyProtocolError("it does not begin with a PROXY protocol header");
    return { isPresent: false, rest: this.#bytes };
  }
}

const PORT = /^(0|[1-9]\d{0,4})$/;

/** Version 1 is a line: `PROXY TCP4 192.0.2.1 198.51.100.7 51000 443` (section 2.1). */
function readV1(bytes: Uint8Array): ProxyHeader | undefined {
  const end = bytes.indexOf(0x0a);
  if (end < 0 ? bytes.length >= MAX_V1_BYTES : end >= MAX_V1_BYTES) throw tooLong(MAX_V1_BYTES);
  if (end < 0) return undefined;
  const line = String.fromCharCode(...bytes.subarray(V1_START.length, end + 1));
  const rest = bytes.subarray(end + 1);
  if (!line.endsWith("\r\n")) throw new ProxyProtocolError("its PROXY line does not end with CR and LF");
  const [family, source, target, sourcePort, targetPort, ...more] = line.slice(0, -2).split(" ");
  if (family === "UNKNOWN") return { isPresent: true, rest };
  const bits = family === "TCP4" ? 4 : family === "TCP6" ? 6 : undefined;
  const hasAddresses = [source, target].every((text) => text !== undefined && familyOf(text) === bits);
  const hasPorts = [sourcePort, targetPort].every((text) => PORT.test(text ?? "") && Number(text) <= 0xffff);
  if (bits === undefined || !hasAddresses || !hasPorts || more.length > 0) {
    throw new ProxyProtocolError("its PROXY line names no two addresses and ports");
  }
  return { isPresent: true, peer: { ip: source, port: Number(sourcePort) }, rest };
}

function familyOf(text: string): 4 | 6 | undefined {
  if (!parseIp(text) || text.includes("%")) return undefined;
  return text.includes(":") ? 6 : 4;
}

/** Version 2 is binary (section 2.2). Of its extensions none is needed. */
function readV2(bytes: Uint8Array): ProxyHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, command] = [bytes[12] >> 4, bytes[12] & 0xf];
  if (version !== 2 || command > 1) throw new ProxyProtocolError("its PROXY header has an unknown version or command");
  const length = view.getUint16(14);
  if (V2_HEAD_BYTES + length > MAX_V2_BYTES) throw tooLong(MAX_V2_BYTES);
  if (bytes.length < V2_HEAD_BYTES + length) return undefined;
  const rest = bytes.subarray(V2_HEAD_BYTES + length);
  const isLocal = command === 0;
  const peer = isLocal ? undefined : v2Peer(view, bytes[13] >> 4, length);
  return { isPresent: true, peer, rest };
}

/** The source of version 2's addresses: of IPv4 and IPv6; sockets of Unix and families without a name have none to tell. */
function v2Peer(view: DataView, family: number, length: number): PeerAddress | undefined {
  if (family !== 1 && family !== 2) return undefined;
  const size = family === 1 ? 4 : 16;
  if (length < size * 2 + 4) throw new ProxyProtocolError("its PROXY header is too short for its addresses");
  const port = view.getUint16(V2_HEAD_BYTES + size * 2);
  const ip = family === 1 ? ipv4(view) : ipv6(view);
  return { ip, port };
}

function ipv4(view: DataView): string {
  return Array.from({ length: 4 }, (_, at) => view.getUint8(V2_HEAD_BYTES + at)).join(".");
}

function ipv6(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(V2_HEAD_BYTES + at * 2).toString(16));
  const text = groups.join(":");
  const ip = parseIp(text);
  if (ip?.family === 4) return [24n, 16n, 8n, 0n].map((shift) => ip.value >> shift & 0xffn).join(".");
  return shortened(groups);
}

/** The longest run of two and more zero groups becomes `::` (RFC 5952, section 4.2). */
function shortened(groups: readonly string[]): string {
  const runs = Array.from(groups.join(":").matchAll(/(?<![^:])0(:0)+(?![^:])/g), ([run]) => run);
  const longest = runs.reduce((best, run) => run.length > best.length ? run : best, "");
  return longest === "" ? groups.join(":") : groups.join(":").replace(new RegExp(`(^|:)${longest}(:|$)`), "::");
}

/** Whether bytes begin with these, as far as they have come. */
function begins(bytes: Uint8Array, start: Uint8Array): boolean {
  const count = Math.min(bytes.length, start.length);
  for (let at = 0; at < count; at++) if (bytes[at] !== start[at]) return false;
  return true;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function tooLong(limit: number): ProxyProtocolError {
  return new ProxyProtocolError(`its PROXY header is longer than ${limit} bytes`);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
