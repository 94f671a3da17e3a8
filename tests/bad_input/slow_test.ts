import { assertEquals } from "@std/assert";
import { turn } from "../support/eventually.ts";
import { readHead } from "../support/http_exchange.ts";
import { patiently } from "../support/patience.ts";
import { TestServer } from "../support/test_server.ts";
import { latin1, TestSocket } from "../support/test_socket.ts";
import { Bystanders } from "./bystanders.ts";

/** Fails unless a peer that has done this is still there just before the server's time for it is over, and not after. */
async function assertDroppedAfter(
  server: TestServer,
  bystanders: Bystanders,
  peers: readonly { readonly socket: TestSocket }[],
  seconds: number,
): Promise<void> {
  let gone = 0;
  for (const { socket } of peers) void socket.ended.then(() => gone++);
  await bystanders.pass(seconds * 1000 - 1);
  assertEquals(gone, 0);
  server.clock.advance(1);
  for (const { socket } of peers) await socket.over();
}

Deno.test("connections that say nothing are dropped after firstByteSeconds", async () => {
  await using server = await TestServer.start({ config: { limits: { firstByteSeconds: 5 } } });
  await using bystanders = await Bystanders.start(server);
  const { port: rtmpPort } = server.server.address("rtmp");
  const silent = [];
  for (const port of [server.port, rtmpPort, server.port, rtmpPort]) {
    silent.push({ socket: await TestSocket.open(port) });
  }
  await server.settled();
  await assertDroppedAfter(server, bystanders, silent, 5);
  await bystanders.assertUnharmed();
});

const RTMP_STALLS: readonly { readonly name: string; readonly bytes: number }[] = [
  { name: "the version", bytes: 1 },
  { name: "half of the first packet", bytes: 700 },
  { name: "the first packet", bytes: 1537 },
  { name: "half of the second packet", bytes: 2300 },
  { name: "the whole handshake", bytes: 3073 },
  { name: "half a connect", bytes: 3083 },
];

for (const { name, bytes } of RTMP_STALLS) {
  Deno.test(`an RTMP peer that stalls after ${name} is dropped after connectSeconds`, async () => {
    await using server = await TestServer.start({
      config: { rtmp: { host: "127.0.0.1", port: 0, connectSeconds: 5 } },
    });
    await using bystanders = await Bystanders.start(server);
    const stalled = [];
    for (const port of [server.port, server.server.address("rtmp").port]) {
      const socket = await TestSocket.open(port);
      socket.send(new Uint8Array(bytes).fill(3, 0, 1).fill(3, 3073));
      stalled.push({ socket });
      if (bytes >= 1537) await socket.read(3073);
    }
    await server.settled();
    await assertDroppedAfter(server, bystanders, stalled, 5);
    await bystanders.assertUnharmed();
  });
}

Deno.test("an RTMP peer that sends its handshake byte by byte has no more time for it", async () => {
  await using server = await TestServer.start({ config: { rtmp: { host: "127.0.0.1", port: 0, connectSeconds: 5 } } });
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.server.address("rtmp").port);
  for (let i = 0; i < 10; i++) {
    await socket.sendAlone(Uint8Array.of(3));
    await bystanders.pass(500);
  }
  await socket.over();
  await bystanders.assertUnharmed();
});

const HEADERS: readonly { readonly name: string; readonly pieces: readonly string[]; readonly status?: number }[] = [
  { name: "half a request line", pieces: ["GET /live/bystander.fl"], status: 408 },
  { name: "a header without end", pieces: ["GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "], status: 408 },
  { name: "a header byte by byte", pieces: [..."GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "], status: 408 },
  { name: "nothing but line breaks", pieces: ["\r\n"] },
  { name: "a second request that has no end", pieces: ["HEAD /live/bystander.flv HTTP/1.1\r\nHost: x\r\n\r\nGE"] },
];

Deno.test("HTTP clients that do not complete their header are dropped after headerSeconds", async () => {
  await using server = await TestServer.start({ config: { limits: { headerSeconds: 0.3 } } });
  await using bystanders = await Bystanders.start(server);
  const isDropped = async ({ name, pieces, status }: typeof HEADERS[number]) => {
    await using socket = await TestSocket.open(server.port);
    for (const piece of pieces) await socket.sendAlone(latin1(piece));
    if (status) assertEquals((await readHead(socket))?.status, status, name);
    await socket.over();
  };
  await Promise.all(HEADERS.map(isDropped));
  await bystanders.assertUnharmed();
});

Deno.test("an HTTP client whose header never ends is dropped however busily it sends", async () => {
  await using server = await TestServer.start({ config: { limits: { headerSeconds: 0.3 } } });
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.port);
  let isOver = false;
  void socket.ended.then(() => isOver = true);
  socket.send("\r\n");
  const trickling = async () => {
    while (!isOver) {
      socket.send("\r\n");
      await turn();
    }
  };
  await patiently(trickling(), () => "the client was not dropped");
  await bystanders.assertUnharmed();
});
