import { assertEquals, assertRejects } from "@std/assert";
import type { Socket } from "node:net";
import { CHECK_MS, OpenPort, type PortSharing } from "./open_port.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { TcpClient, until } from "../testing/tcp_client.ts";

class Stage implements Disposable {
  readonly clock = new FakeClock();
  readonly accepted: Socket[] = [];
  reopened = 0;
  port?: OpenPort;

  async open(host = "127.0.0.1", port = 0, sharing?: PortSharing): Promise<OpenPort> {
    return this.port = await OpenPort.open({
      host,
      port,
      backlog: 8,
      connections: 100,
      clock: this.clock,
      sharing,
      onConnection: (socket) => void this.accepted.push(socket),
      onReopened: () => this.reopened++,
    });
  }

  [Symbol.dispose](): void {
    this.port?.[Symbol.dispose]();
    for (const socket of this.accepted) socket.destroy();
  }
}

for (const host of ["127.0.0.1", "0.0.0.0", "::", "::1"]) {
  Deno.test(`nobody hears of how a port on ${host} is tried while it is idle`, async () => {
    using stage = new Stage();
    const { port } = await stage.open(host);
    for (let i = 0; i < 5; i++) {
      stage.clock.advance(2 * CHECK_MS);
      using client = await TcpClient.connect(port).catch(() => undefined);
      await until(() => host === "::1" || stage.accepted.length === i + 1);
      assertEquals(stage.accepted.map(({ remotePort }) => remotePort).at(-1), client?.socket.localPort);
    }
    assertEquals(stage.reopened, 0);
  });
}

Deno.test("connections that come while a port is tried are all taken", async () => {
  using stage = new Stage();
  const { port } = await stage.open();
  stage.clock.advance(2 * CHECK_MS);
  const clients = await Promise.all(Array.from({ length: 10 }, () => TcpClient.connect(port)));
  await until(() => stage.accepted.length === clients.length);
  const ports = (sockets: readonly (number | undefined)[]) => [...sockets].sort();
  assertEquals(
    ports(stage.accepted.map(({ remotePort }) => remotePort)),
    ports(clients.map(({ socket }) => socket.localPort)),
  );
  for (const client of clients) client[Symbol.dispose]();
});

Deno.test("a port that is closed is tried no more and takes nobody", async () => {
  using stage = new Stage();
  const open = await stage.open();
  stage.clock.advance(2 * CHECK_MS);
  open[Symbol.dispose]();
  assertEquals(stage.clock.pending, 0);
  await assertRejects(() => TcpClient.connect(open.port));
});

Deno.test("a port that is taken cannot be opened", async () => {
  using stage = new Stage();
  using other = new Stage();
  const { port } = await stage.open();
  const error = await assertRejects(() => other.open("127.0.0.1", port), Error);
  assertEquals((error as { code?: string }).code, "EADDRINUSE");
  assertEquals(other.clock.pending, 0);
});

Deno.test("a shared port that is given nobody while others are given many is opened anew, and idle ones are left alone", async () => {
  using stage = new Stage();
  const shared = { sharers: 2, accepted: 0, count: () => void shared.accepted++ };
  const { port } = await stage.open("127.0.0.1", 0, shared);
  const look = () => stage.clock.advance(2 * CHECK_MS);
  look();
  shared.accepted += 60;
  look();
  assertEquals(stage.reopened, 0);
  using client = await TcpClient.connect(port);
  await until(() => stage.accepted.length === 1);
  shared.accepted += 63;
  look();
  assertEquals([stage.reopened, stage.accepted.length], [0, 1]);
  shared.accepted += 64;
  look();
  await until(() => stage.reopened === 1);
  using next = await TcpClient.connect(port);
  await until(() => stage.accepted.length === 2);
  assertEquals([client, next].length, 2);
});
