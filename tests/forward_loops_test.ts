import { assertEquals, assertMatch } from "@std/assert";
import type { MediaPacket } from "../media/packet.ts";
import { api } from "../plugins/api/plugin.ts";
import { forward } from "../plugins/forward/plugin.ts";
import type { TargetJson, TargetState } from "../plugins/shared/relay/target.ts";
import { eventually } from "./support/eventually.ts";
import { httpGet } from "./support/http_get.ts";
import { frames, hasBodyOf } from "./support/packets.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { DEFAULTS, keepingPackets, TestServer } from "./support/test_server.ts";

const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** A server that forwards as it is told later, when the others are there. */
class Node implements AsyncDisposable {
  readonly kept = new Map<string, MediaPacket[]>();
  server!: TestServer;

  static async start(): Promise<Node> {
    const node = new Node();
    node.server = await TestServer.start({
      plugins: [keepingPackets(node.kept)],
      late: [forward(), api()],
      config: LONG,
    });
    return node;
  }

  get port(): number {
    return this.server.port;
  }

  /** Where its streams are, by their ids. */
  get streams(): string[] {
    return [...this.server.server.streams.keys()];
  }

  /** Sends every stream that begins from now on to this address. */
  async forwards(to: string): Promise<void> {
    const rules = [{ streams: ["*"], to: [to] }];
    await this.server.server.reload({ ...DEFAULTS, workers: 1, ...LONG, forward: { rules } });
  }

  async targets(): Promise<TargetJson[]> {
    const { text } = await httpGet(this.port, "/api/v1/forwards", { headers: { Host: "localhost" } });
    return JSON.parse(text).items;
  }

  /** Waits until one of its targets is in this state; a connection that is lost on the way there is made again. */
  async becomes(state: TargetState): Promise<TargetJson> {
    let seen: TargetJson[] = [];
    const found = () => seen.find((target) => target.state === state);
    await eventually(async () => {
      seen = await this.targets();
      if (seen.some(({ state }) => state === "waiting")) this.server.clock.advance(1000);
      return found() !== undefined;
    }, () => `no target is ${state}, but ${JSON.stringify(seen)}`);
    return found()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

const CIRCLE = /Cannot publish [\w/-]+: the stream came from here, and the servers send it in a circle/;

for (const scheme of ["rtmp", "http", "ws"]) {
  Deno.test(`two servers that forward to each other by ${scheme} have a stream once, and say why it does not come back`, async () => {
    await using one = await Node.start();
    await using two = await Node.start();
    await one.forwards(`${scheme}://127.0.0.1:${two.port}/{app}/{stream}`);
    await two.forwards(`${scheme}://127.0.0.1:${one.port}/{app}/{stream}`);
    await using publisher = await rtmpTransport.publish(one.server, "live/cam");
    const maker = new StreamMaker();
    publisher.write([...maker.head(), ...maker.gops(2)]);
    const refused = await two.becomes("refused");
    assertMatch(refused.problem ?? "", CIRCLE);
    await one.becomes("live");
    const [stream] = one.server.server.streams.values();
    assertEquals(stream.toJSON().publisher?.protocol, "rtmp");
    publisher.write(maker.gop());
    const count = frames(one.kept.get("live/cam")!).length;
    await eventually(() => frames(two.kept.get("live/cam") ?? []).length >= count, "it does not go on");
    // Who is refused so is left alone for minutes, rather than for the seconds of other refusals.
    two.server.clock.advance(290_000);
    assertEquals(await two.targets(), [refused]);
    assertEquals(one.server.told.filter(({ name }) => name === "stream:start").length, 1);
    assertEquals(one.server.told.filter(({ name }) => name === "stream:interrupt").length, 0);
  });
}

Deno.test("servers that rename what they forward to each other make no chain of it", async () => {
  await using one = await Node.start();
  await using two = await Node.start();
  await using three = await Node.start();
  await one.forwards(`rtmp://127.0.0.1:${two.port}/x/{app}-{stream}`);
  await two.forwards(`ws://127.0.0.1:${three.port}/x/{app}-{stream}`);
  await three.forwards(`http://127.0.0.1:${one.port}/x/{app}-{stream}`);
  await using publisher = await rtmpTransport.publish(one.server, "live/cam");
  publisher.write(new StreamMaker().head());
  assertMatch((await three.becomes("refused")).problem ?? "", CIRCLE);
  assertEquals([one.streams, two.streams, three.streams], [["live/cam"], ["x/live-cam"], ["x/x-live-cam"]]);
});

Deno.test("a server does not forward to itself, whatever it is called", async () => {
  await using server = await Node.start();
  await server.forwards(`rtmp://localhost:${server.port}/copies/{app}-{stream}`);
  await using publisher = await rtmpTransport.publish(server.server, "live/cam");
  publisher.write(new StreamMaker().head());
  assertMatch((await server.becomes("refused")).problem ?? "", CIRCLE);
  assertEquals(server.streams, ["live/cam"]);
});

Deno.test("when the publisher moves to the other server, the stream goes the other way at once", async () => {
  await using one = await Node.start();
  await using two = await Node.start();
  await one.forwards(`rtmp://127.0.0.1:${two.port}`);
  await two.forwards(`rtmp://127.0.0.1:${one.port}`);
  {
    await using first = await rtmpTransport.publish(one.server, "live/cam");
    const head = new StreamMaker().head();
    first.write(head);
    await two.becomes("refused");
    await eventually(() => two.kept.get("live/cam")!.length === head.length, "not all came to the other server");
    await first.vanish();
    await one.server.event("stream:interrupt");
  }
  // The forward holds its place for as long as a silent publisher does.
  two.server.clock.advance(4000);
  await using second = await rtmpTransport.publish(two.server, "live/cam");
  const maker = new StreamMaker({ seed: 1 });
  const tags = [...maker.head(), ...maker.gops(2)];
  second.write(tags);
  await two.becomes("live");
  await one.server.event("stream:resume");
  const last = tags.at(-1)!;
  await eventually(() => one.kept.get("live/cam")!.some(hasBodyOf(last)), "it did not come to the first server");
});
