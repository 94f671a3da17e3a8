import { assertEquals } from "@std/assert";
import { concat } from "../../media/bytes.ts";
import { TestServer } from "../support/test_server.ts";
import { latin1, TestSocket } from "../support/test_socket.ts";
import { Bystanders } from "./bystanders.ts";

/** Bytes that look like nothing, the same for the same seed. */
function noise(seed: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let state = seed + 1;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x297a2d39 | 0;
    out[i] = state >>> 13;
  }
  return out;
}

const CLIENT_HELLO = concat([
  Uint8Array.of(0x16, 3, 1, 0, 0x2f, 1, 0, 0, 0x2b, 3, 3),
  noise(7, 32),
  Uint8Array.of(0, 0, 2, 0x13, 1, 1, 0, 0, 0),
]);

const STRANGERS: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: "a TLS client", bytes: CLIENT_HELLO },
  {
    name: "an HTTP/2 client that knows in advance",
    bytes: latin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
  },
  { name: "an SSH client", bytes: latin1("SSH-2.0-OpenSSH_9.2p1\r\n") },
  { name: "an SMTP client", bytes: latin1("EHLO example.org\r\n") },
  { name: "an RTSP client", bytes: latin1("OPTIONS rtsp://localhost/live/cam RTSP/1.0\r\nCSeq: 1\r\n\r\n") },
  { name: "a Redis client", bytes: latin1("*1\r\n$4\r\nPING\r\n") },
  { name: "a PROXY protocol header nobody asked for", bytes: latin1("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n") },
  { name: "RTMPE", bytes: concat([Uint8Array.of(6), noise(1, 1536)]) },
  { name: "zeros", bytes: new Uint8Array(5000) },
  { name: "0xff", bytes: new Uint8Array(5000).fill(0xff) },
];

for (const port of ["http", "rtmp"]) {
  Deno.test(`the port of ${port} sends everybody away who speaks something else`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    for (const { name, bytes } of STRANGERS) {
      await using socket = await TestSocket.open(server.server.address(port).port);
      socket.send(bytes);
      await socket.over().catch((error) => Promise.reject(new Error(`${name}: ${error.message}`)));
    }
    await bystanders.assertUnharmed();
  });

  Deno.test(`the port of ${port} outlives noise, however it begins`, async () => {
    await using server = await TestServer.start({ config: { limits: { headerSeconds: 0.2 } } });
    await using bystanders = await Bystanders.start(server);
    for (let first = 0; first < 256; first++) {
      await using socket = await TestSocket.open(server.server.address(port).port);
      socket.send(concat([Uint8Array.of(first), noise(first, 8000)]));
      socket.finish();
      await socket.over();
    }
    await bystanders.assertUnharmed();
    assertEquals(server.told.filter(({ name }) => name === "session:start").length, Bystanders.sessions);
  });
}
