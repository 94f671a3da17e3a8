import { whenAborted } from "../../../kernel/reasons.ts";
import { beforePublishing } from "./accepted.ts";
import { FlvPlayer } from "./flv_player.ts";
import { FLV_START, flvTags } from "./flv_bytes.ts";
import { patiently } from "../patience.ts";
import type { Tag } from "../stream_maker.ts";
import { Refused, target, type TestEnd, type TestPublisher } from "./transport.ts";
import type { TransportUnderTest } from "./transport.ts";
import { WsClient } from "./ws_client.ts";
import { WS } from "./ws_frames.ts";

const REFUSED = {
  "bad-name": "4400",
  "unauthorized": "4401",
  "denied": "4403",
  "not-found": "4404",
  "not-live": "4404",
  "busy": "4409",
  "too-many": "4429",
  "unreachable": "4502",
  "no-answer": "4504",
  "limit": "4503",
  "shutdown": "4503",
  "error": "4500",
} as const;

/** WS-FLV: binary messages of one FLV stream, in either direction. */
export const wsFlvTransport: TransportUnderTest = {
  name: "ws-flv",
  refused: { connect: "4403", publish: REFUSED, play: REFUSED },
  choosesByQuery: true,
  playerEnds: { "stream-ended": "1000", "stream-changed": "1012", "kicked": "4403", "shutdown": "1001" },
  publisherEnds: { "left": "1000", "replaced": "4409", "idle": "4408", "kicked": "4403", "shutdown": "1001" },
  async publish(server, path, params, leaving) {
    const client = await WsClient.open(server.port, target(`/${path}`, params));
    if (leaving) whenAborted(leaving, () => void client.cut());
    const refused = await beforePublishing(server, client.name, client.closed);
    if (refused) await refuse(client, refused);
    client.send(FLV_START);
    return new WsFlvPublisher(client);
  },
  async play(server, path, params, leaving) {
    const client = await WsClient.open(server.port, target(`/${path}.flv`, params));
    if (leaving) whenAborted(leaving, () => void client.cut());
    const player = new WsFlvPlayer(client);
    const began = Promise.race([player.begun, client.closed]);
    const refused = await patiently(began, () => "the player was neither accepted nor refused");
    if (refused) await refuse(client, refused);
    return player;
  },
};

async function refuse(client: WsClient, { status, message }: TestEnd): Promise<never> {
  await client.disconnected();
  await client.cut();
  throw new Refused(status, message);
}

class WsFlvPublisher implements TestPublisher {
  readonly #client: WsClient;

  constructor(client: WsClient) {
    this.#client = client;
  }

  write(tags: readonly Tag[]): void {
    this.#client.send(flvTags(tags));
  }

  async end(): Promise<TestEnd> {
    this.#client.close(1000, "finished");
    return await this.over();
  }

  over(): Promise<TestEnd> {
    return this.#client.over();
  }

  vanish(): Promise<void> {
    return this.#client.cut();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanish();
  }
}

class WsFlvPlayer extends FlvPlayer {
  /** Settles with nothing when the FLV header has come. */
  readonly begun: Promise<void>;

  constructor(client: WsClient) {
    super(client);
    const begun = Promise.withResolvers<void>();
    this.begun = begun.promise;
    client.listen(({ opcode, payload }) => {
      if (opcode === WS.binary) this.#readMessage(payload);
      begun.resolve();
    });
    client.closed.then((end) => this.end(end));
  }

  #readMessage(message: Uint8Array): void {
    this.read(message);
    if (!this.isWhole) this.end({ status: "not whole tags", message: "a message ends within a tag" });
  }
}
