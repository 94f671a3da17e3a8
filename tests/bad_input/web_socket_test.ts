import { assertEquals } from "@std/assert";
import { concat } from "../../media/bytes.ts";
import { readHead, sendRequest } from "../support/http_exchange.ts";
import { TestServer } from "../support/test_server.ts";
import { TestSocket } from "../support/test_socket.ts";
import { UPGRADE, WsClient } from "../support/transports/ws_client.ts";
import { clientFrame, WS } from "../support/transports/ws_frames.ts";
import { Bystanders } from "./bystanders.ts";
import { insist } from "./insist.ts";
import { untilServed } from "./until_served.ts";

const ONE = Uint8Array.of(0x46);

const FLOODS: readonly { readonly name: string; readonly frame: Uint8Array; readonly first?: Uint8Array }[] = [
  {
    name: "a message of fragments without end",
    first: clientFrame({ opcode: WS.binary, payload: ONE, isFinal: false }),
    frame: clientFrame({ opcode: WS.continuation, payload: ONE, isFinal: false }),
  },
  {
    name: "a message of empty fragments without end",
    first: clientFrame({ opcode: WS.binary, isFinal: false }),
    frame: clientFrame({ opcode: WS.continuation, isFinal: false }),
  },
  {
    name: "a message of large fragments without end",
    first: clientFrame({ opcode: WS.binary, isFinal: false }),
    frame: clientFrame({ opcode: WS.continuation, payload: new Uint8Array(60_000), isFinal: false }),
  },
  { name: "text without end", frame: clientFrame({ opcode: WS.text, payload: ONE }) },
  { name: "compressed messages", frame: clientFrame({ opcode: 0x40 | WS.binary, payload: ONE }) },
  { name: "messages without masks", frame: clientFrame({ opcode: WS.binary, payload: ONE, isMasked: false }) },
];

for (const path of ["/live/flood", "/live/bystander.flv"]) {
  for (const { name, frame, first = new Uint8Array(0) } of FLOODS) {
    Deno.test(`a WebSocket client on ${path} that sends ${name} is dropped`, async () => {
      await using server = await TestServer.start();
      await using bystanders = await Bystanders.start(server);
      const { head, socket } = await WsClient.request(server.port, path);
      await using _ = socket;
      assertEquals(head?.status, 101);
      socket.flow(() => {});
      socket.send(first);
      const frames = concat(Array.from({ length: 1000 }, () => frame));
      await insist(socket, () => frames);
      await bystanders.assertUnharmed();
    });
  }
}

Deno.test("WebSocket clients that ping without end and read nothing cost nobody anything", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  const pings = concat(
    Array.from({ length: 1000 }, () => clientFrame({ opcode: WS.ping, payload: new Uint8Array(125) })),
  );
  for (const path of ["/live/flood", "/live/bystander.flv"]) {
    const { socket } = await WsClient.request(server.port, path);
    await using _ = socket;
    socket.pause();
    for (let i = 0; i < 100; i++) await socket.sendAlone(pings);
    await bystanders.goOn();
  }
  await bystanders.assertUnharmed();
});

const FAULTS: readonly { readonly name: string; readonly headers: Readonly<Record<string, string>>; status: number }[] =
  [
    { name: "another version", headers: { ...UPGRADE, "Sec-WebSocket-Version": "8" }, status: 426 },
    { name: "a bad key", headers: { ...UPGRADE, "Sec-WebSocket-Key": "x" }, status: 400 },
  ];

for (const { name, headers, status } of FAULTS) {
  Deno.test(`a WebSocket client with ${name} cannot keep its connection`, async () => {
    await using server = await TestServer.start({ config: { limits: { connections: Bystanders.sessions + 1 } } });
    await using bystanders = await Bystanders.start(server);
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, "GET", "/live/x", headers);
    assertEquals((await readHead(socket))?.status, status);
    assertEquals(await socket.over(), "end");
    await bystanders.pass(2000);
    await untilServed(server);
    await bystanders.assertUnharmed();
  });
}

const OTHERS = ["h2c", "TLS/1.0", "HTTP/2.0, websocket", "websockets", "web socket"];

Deno.test("who would upgrade to something else is answered as if it had not asked", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  for (const upgrade of OTHERS) {
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, "HEAD", "/live/bystander.flv", { "Connection": "Upgrade", "Upgrade": upgrade });
    assertEquals((await readHead(socket))?.status, 200, upgrade);
  }
  await bystanders.assertUnharmed();
});
