import type { MediaPacket } from "../../../media/packet.ts";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../../../protocols/rtmp/client.ts";
import { Inbox } from "./inbox.ts";
import { patiently } from "../patience.ts";
import type { Tag } from "../stream_maker.ts";
import type { TestServer } from "../test_server.ts";
import { Refused, target, type TestEnd, type TestPlayer, type TestPublisher } from "./transport.ts";
import type { TransportUnderTest } from "./transport.ts";

/** RTMP, with Sluice's own client. */
export const rtmpTransport: TransportUnderTest = {
  name: "rtmp",
  refused: {
    connect: "NetConnection.Connect.Rejected",
    publish: {
      "bad-name": "NetStream.Publish.BadName",
      "unauthorized": "NetStream.Publish.Denied",
      "denied": "NetStream.Publish.Denied",
      "not-found": "NetStream.Publish.Denied",
      "not-live": "NetStream.Publish.Denied",
      "busy": "NetStream.Publish.BadName",
      "too-many": "NetStream.Publish.Denied",
      "unreachable": "NetStream.Publish.Denied",
      "no-answer": "NetStream.Publish.Denied",
      "limit": "NetStream.Publish.Denied",
      "shutdown": "NetStream.Publish.Denied",
      "error": "NetStream.Publish.Denied",
    },
    play: {
      "bad-name": "NetStream.Play.StreamNotFound",
      "unauthorized": "NetStream.Play.Failed",
      "denied": "NetStream.Play.Failed",
      "not-found": "NetStream.Play.StreamNotFound",
      "not-live": "NetStream.Play.StreamNotFound",
      "busy": "NetStream.Play.Failed",
      "too-many": "NetStream.Play.Failed",
      "unreachable": "NetStream.Failed",
      "no-answer": "NetStream.Failed",
      "limit": "NetStream.Play.Failed",
      "shutdown": "NetStream.Play.Failed",
      "error": "NetStream.Play.Failed",
    },
  },
  choosesByQuery: false,
  playerEnds: {
    "stream-ended": "NetStream.Play.UnpublishNotify",
    "stream-changed": "NetStream.Play.UnpublishNotify",
    "kicked": "NetStream.Play.UnpublishNotify",
    "shutdown": "NetStream.Play.UnpublishNotify",
  },
  publisherEnds: {
    "left": "left",
    "replaced": "NetStream.Unpublish.Success",
    "idle": "NetStream.Unpublish.Success",
    "shutdown": "NetStream.Unpublish.Success",
    "kicked": "NetStream.Publish.Denied",
  },
  async publish(server, path, params, leaving) {
    const address = addressOf(server, path, params);
    return new RtmpPublisher(await accepted(RtmpPublishClient.connect(address, { signal: leaving })));
  },
  async play(server, path, params, leaving) {
    return new RtmpPlayer(await accepted(RtmpPlayClient.connect(addressOf(server, path, params), { signal: leaving })));
  },
};

function addressOf(server: TestServer, path: string, params?: Readonly<Record<string, string>>): string {
  return `rtmp://127.0.0.1:${server.server.address("rtmp").port}/${target(path, params)}`;
}

async function accepted<T>(connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (error) {
    throw error instanceof RtmpClientError ? new Refused(error.code, error.message) : error;
  }
}

class RtmpPublisher implements TestPublisher {
  readonly #client: RtmpPublishClient;

  constructor(client: RtmpPublishClient) {
    this.#client = client;
  }

  write(tags: readonly Tag[]): void {
    for (const tag of tags) this.#client.write(tag);
  }

  async end(): Promise<TestEnd> {
    await this.#client.close();
    return await this.over();
  }

  async over(): Promise<TestEnd> {
    const { code, message } = await patiently(this.#client.closed, () => "the publisher was not ended");
    return { status: code, message };
  }

  async vanish(): Promise<void> {
    this.#client.destroy();
    await this.#client.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanish();
  }
}

class RtmpPlayer implements TestPlayer {
  readonly #client: RtmpPlayClient;
  readonly #inbox = new Inbox();
  #mayRead?: PromiseWithResolvers<void>;

  constructor(client: RtmpPlayClient) {
    this.#client = client;
    void this.#read();
  }

  get packets(): readonly MediaPacket[] {
    return this.#inbox.packets;
  }

  over(): Promise<TestEnd> {
    return this.#inbox.over();
  }

  until(matches: Parameters<TestPlayer["until"]>[0]): Promise<void> {
    return this.#inbox.until(matches);
  }

  pause(): void {
    this.#mayRead = Promise.withResolvers();
  }

  resume(): void {
    this.#mayRead?.resolve();
    this.#mayRead = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    this.#client.destroy();
    await this.#client.closed;
  }

  async #read(): Promise<void> {
    try {
      for await (const packet of this.#client) {
        this.#inbox.add([packet]);
        await this.#mayRead?.promise;
      }
    } catch (error) {
      if (!(error instanceof RtmpClientError)) throw error;
    }
    const { code, message } = await this.#client.closed;
    this.#inbox.end({ status: code, message });
  }
}
