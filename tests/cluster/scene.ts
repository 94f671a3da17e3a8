import { hasBodyOf } from "../support/packets.ts";
import { rtmpTransport } from "../support/transports/rtmp_transport.ts";
import { StreamMaker, type Tag } from "../support/stream_maker.ts";
import type { TestServer } from "../support/test_server.ts";
import type { TestPlayer, TestPublisher } from "../support/transports/transport.ts";
import { TRANSPORTS } from "../support/transports/transports.ts";
import { type NodeOptions, TestCluster } from "./nodes.ts";

/** How most players of these tests play. */
export const [, httpFlv] = TRANSPORTS;

/** What nodes know each other by where a test says so. */
export const SECRET = "a secret of the nodes of this test";

/** A publisher, and what it sends. */
export class Encoder implements AsyncDisposable {
  readonly maker: StreamMaker;
  readonly #publisher: TestPublisher;

  private constructor(publisher: TestPublisher, maker: StreamMaker) {
    this.#publisher = publisher;
    this.maker = maker;
  }

  /** Publishes a first group of pictures, and waits until the node has it. */
  static async start(server: TestServer, maker = new StreamMaker(), params?: Record<string, string>): Promise<Encoder> {
    const encoder = new Encoder(await rtmpTransport.publish(server, "live/cam", params), maker);
    const first = [...maker.head(), ...maker.gop()];
    encoder.#publisher.write(first);
    await server.received("live/cam", first.at(-1)!);
    return encoder;
  }

  /** Sends a group of pictures; gives its last frame. */
  gop(): Tag {
    const gop = this.maker.gop();
    this.#publisher.write(gop);
    return gop.at(-1)!;
  }

  /** Says that the stream is complete. */
  async end(): Promise<void> {
    await this.#publisher.end();
  }

  vanish(): Promise<void> {
    return this.#publisher.vanish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#publisher[Symbol.asyncDispose]();
  }
}

/** Waits until what is sent now gets to a player. */
export async function reaches(encoder: Encoder, player: TestPlayer): Promise<void> {
  await player.until(hasBodyOf(encoder.gop()));
}

/** So many seconds go by, with a group of pictures in each. */
export async function flow(cluster: TestCluster, encoder: Encoder, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    encoder.gop();
    await cluster.pass(1000);
  }
}

/** Plays at a node, which may have to ask the store about it first. */
export function play(cluster: TestCluster, node: TestServer, params?: Record<string, string>): Promise<TestPlayer> {
  return cluster.whilePassing(httpFlv.play(node, "live/cam", params), "the player is not served");
}

/** How many other nodes and players a node sends the stream to. */
export function viewers(node: TestServer): number {
  return node.server.streams.get("live/cam")?.viewers ?? 0;
}

/** Whether a node has it from a publisher, or from a node that passes it on, rather than fetches it. */
export function isPublishedAt(node: TestServer): boolean {
  return node.server.streams.get("live/cam")?.toJSON().publisher?.protocol === "http-flv";
}

/** Whether a stream comes to a node, from wherever. */
export function isLive(node: TestServer): boolean {
  return node.server.streams.get("live/cam")?.state === "live";
}

/** Three nodes that know each other; `all` is what they have in common. */
export async function three(
  options: Partial<Record<"a" | "b" | "c", NodeOptions>> = {},
  all: NodeOptions = {},
): Promise<{ cluster: TestCluster } & Record<"a" | "b" | "c", TestServer>> {
  const cluster = new TestCluster();
  const start = (id: "a" | "b" | "c") => {
    const own = options[id] ?? {};
    return cluster.start(id, { ...all, ...own, settings: { ...all.settings, ...own.settings } });
  };
  const nodes = { a: await start("a"), b: await start("b"), c: await start("c") };
  await cluster.pass(2000);
  return { cluster, ...nodes };
}
