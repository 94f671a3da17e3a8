import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { concat } from "../../../media/bytes.ts";
import { bytes } from "../../../media/testing.ts";
import { RtmpProtocolError } from "./errors.ts";
import { clientHandshake, type Handshake, serverHandshake } from "./handshake.ts";
import {
  CLIENT_SIGNER,
  type DigestScheme,
  findDigest,
  HANDSHAKE_BYTES,
  secondSignature,
  SERVER_SIGNER,
  signedFirstPacket,
} from "./handshake_digest.ts";

const VERSION = Uint8Array.of(3);
const PLAIN_C1 = Uint8Array.from({ length: HANDSHAKE_BYTES }, (_, i) => i < 8 ? 0 : i);
const ANY_C2 = new Uint8Array(HANDSHAKE_BYTES).fill(0xc2);

Deno.test("a server answers a plain C1 with a plain S1 and its echo", () => {
  const server = serverHandshake();
  server.receive(concat([VERSION, PLAIN_C1]));
  const { version, first, second } = flight(server);
  assertEquals(version, 3);
  assertEquals(first.subarray(0, 8), new Uint8Array(8));
  assertEquals(second, PLAIN_C1);
});

for (const scheme of ["early", "late"] as const satisfies DigestScheme[]) {
  Deno.test(`a server answers a C1 with its digest ${scheme} by the same scheme, and signs S2`, () => {
    const c1 = signedFirstPacket(CLIENT_SIGNER, scheme);
    const server = serverHandshake();
    server.receive(concat([VERSION, c1]));
    const { first, second } = flight(server);
    assertEquals(findDigest(first, SERVER_SIGNER)?.scheme, scheme);
    assertEquals(second.subarray(-32), signature(second, "server", findDigest(c1, CLIENT_SIGNER)!.digest));
  });
}

Deno.test("a server answers a C1 whose digest does not verify with the plain handshake", () => {
  const c1 = signedFirstPacket(CLIENT_SIGNER, "early");
  c1[1000] ^= 1;
  const server = serverHandshake();
  server.receive(concat([VERSION, c1]));
  const { first, second } = flight(server);
  assertEquals(findDigest(first, SERVER_SIGNER), undefined);
  assertEquals(second, c1);
});

Deno.test("a server takes the handshake in any split and leaves what follows it", () => {
  const input = concat([VERSION, PLAIN_C1, ANY_C2, bytes("03 000000 0000")]);
  for (let at = 0; at <= input.length; at += 1) {
    const server = serverHandshake();
    const used = server.receive(input.subarray(0, at)) + server.receive(input.subarray(at));
    assertEquals(used, 3073);
    assertEquals(server.done, true);
    assertEquals(flight(server).second, PLAIN_C1);
  }
});

Deno.test("a server takes the handshake byte by byte, and answers once", () => {
  const server = serverHandshake();
  let answers = 0;
  for (const byte of concat([VERSION, PLAIN_C1, ANY_C2])) {
    assertEquals(server.done, false);
    assertEquals(server.receive(Uint8Array.of(byte)), 1);
    if (server.take()) answers++;
  }
  assertEquals(server.done, true);
  assertEquals(answers, 1);
});

const OTHERS: readonly { name: string; byte: number; says: string }[] = [
  { name: "RTMPE", byte: 0x06, says: "0x06, which is RTMPE" },
  { name: "TLS", byte: 0x16, says: "0x16, which is TLS; is this rtmps://" },
  { name: "an HTTP request", byte: "G".charCodeAt(0), says: "0x47, which is HTTP" },
  { name: "what it does not know", byte: 0x00, says: "begins with byte 0x00; RTMP begins with 0x03" },
];

for (const { name, byte, says } of OTHERS) {
  Deno.test(`both sides refuse ${name} at the first byte`, () => {
    assertThrows(() => serverHandshake().receive(Uint8Array.of(byte)), RtmpProtocolError, says);
    assertThrows(() => clientHandshake().receive(Uint8Array.of(byte)), RtmpProtocolError, says);
  });
}

Deno.test("a client opens with a digest and signs its answer to a server's digest", () => {
  const client = clientHandshake();
  const server = serverHandshake();
  const opening = client.take()!;
  assertEquals(findDigest(opening.subarray(1), CLIENT_SIGNER)?.scheme, "early");
  server.receive(opening);
  const answer = server.take()!;
  client.receive(answer);
  const c2 = client.take()!;
  const { digest } = findDigest(answer.subarray(1, 1 + HANDSHAKE_BYTES), SERVER_SIGNER)!;
  assertEquals(c2.subarray(-32), signature(c2, "client", digest));
  assertEquals(client.done, true);
  server.receive(c2);
  assertEquals(server.done, true);
});

Deno.test("a client answers a plain S1 with its echo, before S2 has come", () => {
  const client = clientHandshake();
  client.take();
  client.receive(concat([VERSION, PLAIN_C1]));
  assertEquals(client.take(), PLAIN_C1);
  assertEquals(client.done, false);
  assertEquals(client.receive(concat([ANY_C2, bytes("02 00")])), HANDSHAKE_BYTES);
  assertEquals(client.done, true);
});

Deno.test("a client whose opening was not taken sends it together with its answer", () => {
  const client = clientHandshake();
  client.receive(concat([VERSION, PLAIN_C1, ANY_C2]));
  const out = client.take()!;
  assertEquals(out.length, 1 + 2 * HANDSHAKE_BYTES);
  assertEquals(out.subarray(-HANDSHAKE_BYTES), PLAIN_C1);
});

Deno.test("no two handshakes are alike", () => {
  assertNotEquals(clientHandshake().take(), clientHandshake().take());
});

function flight(handshake: Handshake): { version: number; first: Uint8Array; second: Uint8Array } {
  const out = handshake.take()!;
  assertEquals(out.length, 1 + 2 * HANDSHAKE_BYTES);
  return { version: out[0], first: out.subarray(1, 1 + HANDSHAKE_BYTES), second: out.subarray(1 + HANDSHAKE_BYTES) };
}

function signature(packet: Uint8Array, by: "client" | "server", digest: Uint8Array): Uint8Array {
  return new Uint8Array(secondSignature(packet, by === "client" ? CLIENT_SIGNER : SERVER_SIGNER, digest));
}
