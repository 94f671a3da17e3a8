import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { PeerAddress } from "./peer_address.ts";
import { ProxyHeaderReader, ProxyProtocolError } from "./proxy_protocol.ts";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function text(data: Uint8Array): string {
  return String.fromCharCode(...data);
}

/** A header of version 2: `versionCommand` and `family` as the specification has them. */
function v2(
  versionCommand: number,
  family: number,
  addresses: readonly number[],
  more: readonly number[] = [],
): string {
  const length = addresses.length + more.length;
  return SIGNATURE + String.fromCharCode(versionCommand, family, length >> 8, length & 0xff, ...addresses, ...more);
}

const V4 = [192, 0, 2, 1, 198, 51, 100, 7, 0xc7, 0x38, 0x01, 0xbb];
const V6 = [
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42],
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01],
  ...[0x00, 0x50, 0x01, 0xbb],
];
const MAPPED = [
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9],
  ...Array<number>(16).fill(0),
  ...[0x00, 0x50, 0x01, 0xbb],
];
const ONES = [...Array<number>(32).fill(0x11), 0, 1, 0, 2];

const HEADERS: { name: string; header: string; peer?: PeerAddress }[] = [
  {
    name: "v1 of IPv4",
    header: "PROXY TCP4 192.0.2.1 198.51.100.7 51000 443\r\n",
    peer: { ip: "192.0.2.1", port: 51000 },
  },
  { name: "v1 of IPv6", header: "PROXY TCP6 2001:db8::42 ::1 80 443\r\n", peer: { ip: "2001:db8::42", port: 80 } },
  { name: "v1 of nobody", header: "PROXY UNKNOWN\r\n" },
  { name: "v1 of nobody, with words", header: "PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n" },
  {
    name: "the longest v1",
    header: `PROXY TCP6 ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535\r\n`,
    peer: { ip: `${"ffff:".repeat(7)}ffff`, port: 65535 },
  },
  { name: "v2 of IPv4", header: v2(0x21, 0x11, V4), peer: { ip: "192.0.2.1", port: 51000 } },
  { name: "v2 of IPv6", header: v2(0x21, 0x21, V6), peer: { ip: "2001:db8::42", port: 80 } },
  { name: "v2 of IPv4 within IPv6", header: v2(0x21, 0x21, MAPPED), peer: { ip: "203.0.113.9", port: 80 } },
  {
    name: "v2 of IPv6 without zeros",
    header: v2(0x21, 0x21, ONES),
    peer: { ip: "1111:1111:1111:1111:1111:1111:1111:1111", port: 1 },
  },
  { name: "v2 with extensions", header: v2(0x21, 0x11, V4, [4, 0, 2, 9, 9]), peer: { ip: "192.0.2.1", port: 51000 } },
  { name: "v2 of the proxy itself", header: v2(0x20, 0x11, V4) },
  { name: "v2 of the proxy itself, without addresses", header: v2(0x20, 0x00, []) },
  { name: "v2 of a family that nobody knows", header: v2(0x21, 0x00, [1, 2, 3]) },
  { name: "v2 of a socket of Unix", header: v2(0x21, 0x31, Array<number>(216).fill(47)) },
];

for (const { name, header, peer } of HEADERS) {
  Deno.test(`a PROXY header is read, whole and split at every byte: ${name}`, () => {
    const whole = header + "\x03rest";
    for (let at = 0; at <= whole.length; at++) {
      const reader = new ProxyHeaderReader(true);
      const first = at === 0 ? undefined : reader.receive(bytes(whole.slice(0, at)));
      const found = first ?? reader.receive(bytes(whole.slice(at)));
      const rest = text(found?.rest ?? bytes("")) + (first ? whole.slice(at) : "");
      assertEquals([found?.isPresent, found?.peer, rest], [true, peer, "\x03rest"], `split at ${at}`);
    }
  });
}

const BAD: { name: string; header: string; why: RegExp }[] = [
  { name: "a line without end", header: "PROXY TCP4 " + "1".repeat(200), why: /longer than 107 bytes/ },
  {
    name: "a line that ends too late",
    header: "PROXY UNKNOWN " + "x".repeat(92) + "\r\n",
    why: /longer than 107 bytes/,
  },
  { name: "a line that ends with LF alone", header: "PROXY UNKNOWN\n", why: /CR and LF/ },
  { name: "another family", header: "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", why: /two addresses/ },
  { name: "IPv6 that is said to be IPv4", header: "PROXY TCP4 ::1 ::1 1 2\r\n", why: /two addresses/ },
  { name: "an address with a zone", header: "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", why: /two addresses/ },
  { name: "no address", header: "PROXY TCP4 here there 1 2\r\n", why: /two addresses/ },
  { name: "no port", header: "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", why: /two addresses/ },
  { name: "a port that is none", header: "PROXY TCP4 1.2.3.4 5.6.7.8 65536 1\r\n", why: /two addresses/ },
  { name: "a port with a sign", header: "PROXY TCP4 1.2.3.4 5.6.7.8 +1 1\r\n", why: /two addresses/ },
  { name: "more than there is to say", header: "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n", why: /two addresses/ },
  { name: "version 3", header: v2(0x31, 0x11, V4), why: /unknown version or command/ },
  { name: "an unknown command", header: v2(0x22, 0x11, V4), why: /unknown version or command/ },
  { name: "too few bytes for IPv4", header: v2(0x21, 0x11, V4.slice(1)), why: /too short/ },
  { name: "too few bytes for IPv6", header: v2(0x21, 0x21, V6.slice(1)), why: /too short/ },
  { name: "a length beyond all reason", header: SIGNATURE + "\x21\x11\xff\xff", why: /longer than 4096 bytes/ },
];

for (const { name, header, why } of BAD) {
  Deno.test(`a broken PROXY header is refused, whole and byte by byte: ${name}`, () => {
    const read = (pieces: readonly string[]) => {
      const reader = new ProxyHeaderReader(false);
      for (const piece of pieces) if (reader.receive(bytes(piece))) return;
    };
    for (const pieces of [[header], [...header]]) {
      const error = assertThrows(() => read(pieces), ProxyProtocolError);
      assertEquals(why.test(error.message), true, error.message);
    }
  });
}

for (
  const start of [
    "\x03",
    "GET / HTTP/1.1\r\n",
    "PUT /x",
    "POST /x",
    "PROPFIND /x",
    "PROXx",
    "\x16\x03\x01",
    "\r\n\r\nGET",
  ]
) {
  Deno.test(`what begins with ${JSON.stringify(start)} is no PROXY header, however it is cut`, () => {
    for (let at = 0; at < start.length; at++) {
      const reader = new ProxyHeaderReader(false);
      const found = (at > 0 ? reader.receive(bytes(start.slice(0, at))) : undefined) ??
        reader.receive(bytes(start.slice(at)));
      assertEquals(found?.isPresent, false);
      assertEquals(start.startsWith(text(found?.rest ?? bytes("?"))) || start.endsWith(text(found!.rest)), true);
    }
    assertThrows(() => new ProxyHeaderReader(true).receive(bytes(start)), ProxyProtocolError, "does not begin with");
  });
}

Deno.test("no bytes make the reader fail otherwise, or keep more than it may", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom("PROXY ", "TCP4 ", "1.2.3.4 ", "\r\n", SIGNATURE, "\x21\x11").map(bytes),
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const reader = new ProxyHeaderReader(false);
    let given = 0;
    try {
      for (const each of pieces) {
        given += each.length;
        const found = reader.receive(each);
        if (found) return assertEquals(found.rest.length <= given, true);
      }
      assertEquals(given <= 4096 + 40, true);
    } catch (error) {
      if (!(error instanceof ProxyProtocolError)) throw error;
    }
  }));
});
