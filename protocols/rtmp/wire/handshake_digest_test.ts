import { assertEquals } from "@std/assert";
import {
  CLIENT_SIGNER,
  type DigestScheme,
  findDigest,
  HANDSHAKE_BYTES,
  type HandshakeSigner,
  secondSignature,
  SERVER_SIGNER,
  signedFirstPacket,
  signedSecondPacket,
} from "./handshake_digest.ts";

interface Case {
  readonly name: string;
  readonly by: HandshakeSigner;
  readonly other: HandshakeSigner;
  readonly scheme: DigestScheme;
  /** Where the digest stands in the packet of {@linkcode counted}. */
  readonly at: number;
  readonly digest: string;
  /** How the other side signs its second packet, of the same bytes, in answer to that digest. */
  readonly answer: string;
}

const CASES: readonly Case[] = [
  {
    name: "a client's early digest",
    by: CLIENT_SIGNER,
    other: SERVER_SIGNER,
    scheme: "early",
    at: 450,
    digest: "750aa77a541293fc1c59b1d38e59bfb39b75c0cef82d64aa2a46edaedb9ddfc4",
    answer: "d4cf56c0bd4fe8769bd876b27b959dc167fcd8ca56486b770513b4286c6abb1b",
  },
  {
    name: "a client's late digest",
    by: CLIENT_SIGNER,
    other: SERVER_SIGNER,
    scheme: "late",
    at: 1486,
    digest: "83fdaa7f56fac87d75ce486db37b2722c39fb4290a29eaca81211e59612ae0fc",
    answer: "49c9084aac429c01270f646122bd0c1f9877f21e565bb1245e0487050a6a54a9",
  },
  {
    name: "a server's early digest",
    by: SERVER_SIGNER,
    other: CLIENT_SIGNER,
    scheme: "early",
    at: 450,
    digest: "612a821dcd6597c43976854c795e58882fe2f7d714f38ad1e22474672e2933af",
    answer: "58b86752448cf394c06d9b740191e8bfb14318b6695ad311d947f2efffebad59",
  },
  {
    name: "a server's late digest",
    by: SERVER_SIGNER,
    other: CLIENT_SIGNER,
    scheme: "late",
    at: 1486,
    digest: "0691636d7b85f9067292f4d24b571f5b199a3d40cf35d4be227dce4d08623357",
    answer: "08749d9b4830effa4150ced08c4e39b01a0b777f0451e36f7c469119902daf59",
  },
];

for (const { name, by, other, scheme, at, digest, answer } of CASES) {
  Deno.test(`the handshake finds ${name}, and answers it`, () => {
    const packet = counted();
    packet.set(unhex(digest), at);
    assertEquals(findDigest(packet, by), { scheme, digest: unhex(digest) });
    assertEquals(hex(secondSignature(counted(), other, unhex(digest))), answer);
    assertEquals(findDigest(packet, other), undefined);
    packet[at + 40] ^= 1;
    assertEquals(findDigest(packet, by), undefined);
  });

  Deno.test(`the handshake makes ${name} that verifies`, () => {
    const packet = signedFirstPacket(by, scheme);
    assertEquals(packet.length, HANDSHAKE_BYTES);
    assertEquals([...packet.subarray(0, 8)], [0, 0, 0, 0, ...by.version]);
    assertEquals(findDigest(packet, by)?.scheme, scheme);
    const second = signedSecondPacket(other, unhex(digest));
    assertEquals(hex(second.subarray(-32)), hex(secondSignature(second, other, unhex(digest))));
  });
}

Deno.test("the handshake finds no digest where there is none", () => {
  assertEquals(findDigest(new Uint8Array(HANDSHAKE_BYTES), CLIENT_SIGNER), undefined);
  assertEquals(findDigest(new Uint8Array(HANDSHAKE_BYTES).fill(0xff), CLIENT_SIGNER), undefined);
});

function counted(): Uint8Array {
  return Uint8Array.from({ length: HANDSHAKE_BYTES }, (_, i) => i * 31 + 7);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}
