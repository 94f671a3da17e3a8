import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, type Server } from "../../kernel/server.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { assertSamePackets, frames } from "../../tests/support/packets.ts";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "./client.ts";
import { rtmp } from "./plugin.ts";

async function startServer(): Promise<{ server: Server; url: string }> {
  const server = await createServer({
    plugins: [rtmp()],
    config: { http: { host: "127.0.0.1", port: 0 }, rtmp: { host: "127.0.0.1", port: 0 }, waitSeconds: 5 },
    log: () => {},
  });
  return { server, url: `rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam` };
}

Deno.test("what one client publishes another plays, until the publisher closes", async () => {
  const { server, url } = await startServer();
  await using _ = server;
  const maker = new StreamMaker();
  const sent = packetsOf([...maker.head(), ...maker.gop()]);
  const playing = RtmpPlayClient.connect(url);
  await using publisher = await RtmpPublishClient.connect(url);
  const player = await playing;
  for (const packet of sent) await publisher.write(packet);
  await publisher.close();
  const received: MediaPacket[] = [];
  for await (const packet of player) received.push(packet);
  assertSamePackets(frames(received), frames(sent));
  assertEquals((await publisher.closed).code, "left");
  assertEquals((await player.closed).code, "NetStream.Play.UnpublishNotify");
});

Deno.test("a client that is refused hears the server's words", async () => {
  const { server, url } = await startServer();
  await using _ = server;
  const error = await assertRejects(() => RtmpPublishClient.connect(`${url}.x?key=swordfish`), RtmpClientError);
  assertEquals(error.code, "NetStream.Publish.BadName");
  assert(!error.message.includes("swordfish"));
  assert(error.message.includes("refused the publisher"));
});

Deno.test("a client that reaches nobody says so", async () => {
  const error = await assertRejects(() => RtmpPlayClient.connect("rtmp://127.0.0.1:1/live/cam"), RtmpClientError);
  assertEquals(error.code, "unreachable");
});
