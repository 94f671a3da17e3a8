import { assert, assertEquals } from "@std/assert";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import { eventually } from "../../tests/support/eventually.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../rtmp/testing_tls.ts";
import { connectSecurely, hold } from "./tls_connection.ts";

const BLOCK = new Uint8Array(64 * 1024);

/** More than the system keeps of one connection on its way. */
const BLOCKS = 1000;

Deno.test("what comes over an encrypted connection that is held stays with the sender, and comes when it is let go", async () => {
  const server = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY });
  const accepted = Promise.withResolvers<Socket>();
  server.on("secureConnection", (socket: Socket) => {
    socket.on("error", () => {});
    for (let i = 0; i < BLOCKS; i++) socket.write(BLOCK);
    accepted.resolve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  const socket = connectSecurely({ host: "127.0.0.1", port, servername: "localhost", ca: TEST_CERTIFICATE });
  let read = 0;
  socket.on("data", (bytes: Uint8Array) => {
    if (read === 0) hold(socket, socket, true);
    read += bytes.length;
  });
  const sender = await accepted.promise;
  await untilStill(() => sender.writableLength + read);
  assert(sender.writableLength > 0, "everything was taken in");
  assert(read < 8 * 1024 * 1024, `${read} bytes came to who held the connection`);
  hold(socket, socket, false);
  await eventually(() => read === BLOCKS * BLOCK.length, "the rest did not come");
  assertEquals(sender.writableLength, 0);
  const closed = Promise.all([socket, sender].map((each) => new Promise((resolve) => each.once("close", resolve))));
  socket.destroy();
  sender.destroy();
  await closed;
  await new Promise((resolve) => server.close(resolve));
});

async function untilStill(figure: () => number): Promise<void> {
  let last = -1;
  let still = 0;
  await eventually(() => {
    still = figure() === last ? still + 1 : 0;
    last = figure();
    return still > 100;
  }, "it did not come to rest");
}
