import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../client.ts";
import { refuseConnection } from "./refusal.ts";
import { Peer } from "../testing_peer.ts";

for (const client of [RtmpPublishClient, RtmpPlayClient]) {
  Deno.test(`${client.name}: a connection that there is no room for hears why`, async () => {
    await using server = await Peer.listen((socket) => {
      socket.once("data", (first: Uint8Array) => refuseConnection(socket, first, "The server is full"));
    });
    const error = await assertRejects(() => client.connect(server.address), RtmpClientError);
    assertEquals(error.code, "NetConnection.Connect.Rejected");
    assertStringIncludes(error.message, "The server is full");
  });
}

Deno.test("one that breaks the protocol is cut off", async () => {
  await using server = await Peer.listen((socket) => {
    socket.once("data", () => refuseConnection(socket, new Uint8Array(4000).fill(3), "The server is full"));
  });
  const error = await assertRejects(() => RtmpPublishClient.connect(server.address), RtmpClientError);
  assertEquals(error.code, "lost");
});
