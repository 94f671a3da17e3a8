import { whenAborted } from "../../../kernel/reasons.ts";
import { chunk, readAnswer, readHead, sendRequest } from "../http_exchange.ts";
import { beforePublishing } from "./accepted.ts";
import { FlvPlayer } from "./flv_player.ts";
import { FLV_START, flvTags } from "./flv_bytes.ts";
import { patiently } from "../patience.ts";
import type { Tag } from "../stream_maker.ts";
import type { TestServer } from "../test_server.ts";
import { TestSocket } from "../test_socket.ts";
import { Refused, target, type TestEnd, type TestPlayer, type TestPublisher } from "./transport.ts";
import type { TransportUnderTest } from "./transport.ts";

const REFUSED = {
  "bad-name": "400",
  "unauthorized": "401",
  "denied": "403",
  "not-found": "404",
  "not-live": "404",
  "busy": "409",
  "too-many": "429",
  "unreachable": "502",
  "no-answer": "504",
  "limit": "503",
  "shutdown": "503",
  "error": "500",
} as const;

/** HTTP-FLV: an answer without end to play, a chunked upload to publish. */
export const httpFlvTransport: TransportUnderTest = {
  name: "http-flv",
  refused: { connect: "403", publish: REFUSED, play: REFUSED },
  choosesByQuery: true,
  playerEnds: { "stream-ended": "end", "stream-changed": "end", "kicked": "end", "shutdown": "end" },
  publisherEnds: { "left": "200", "replaced": "409", "idle": "408", "kicked": "403", "shutdown": "503" },
  async publish(server, path, params, leaving) {
    const socket = await TestSocket.open(server.port);
    if (leaving) whenAborted(leaving, () => void socket.cut());
    return await publishOver(socket, server, path, params);
  },
  async play(server, path, params, leaving) {
    const socket = await TestSocket.open(server.port);
    if (leaving) whenAborted(leaving, () => void socket.cut());
    return await playOver(socket, path, params);
  },
};

/** Publishes over a connection that is there already. */
export async function publishOver(
  socket: TestSocket,
  server: TestServer,
  path: string,
  params?: Readonly<Record<string, string>>,
): Promise<TestPublisher> {
  sendRequest(socket, "POST", target(`/${path}`, params), { "Transfer-Encoding": "chunked" });
  return await HttpFlvPublisher.accepted(server, socket);
}

/** Plays over a connection that is there already. */
export async function playOver(
  socket: TestSocket,
  path: string,
  params?: Readonly<Record<string, string>>,
): Promise<TestPlayer> {
  sendRequest(socket, "GET", target(`/${path}.flv`, params));
  const head = await readHead(socket);
  if (head?.status === 200) return new HttpFlvPlayer(socket);
  const { status, message } = await readAnswer(socket, head);
  await socket.cut();
  throw new Refused(status, message);
}

class HttpFlvPublisher implements TestPublisher {
  readonly #socket: TestSocket;
  readonly #answer: Promise<TestEnd>;

  constructor(socket: TestSocket) {
    this.#socket = socket;
    this.#answer = readAnswer(socket.unhurried());
  }

  static async accepted(server: TestServer, socket: TestSocket): Promise<HttpFlvPublisher> {
    const publisher = new HttpFlvPublisher(socket);
    const refused = await beforePublishing(server, socket.name, publisher.#answer);
    if (refused) {
      await socket.cut();
      throw new Refused(refused.status, refused.message);
    }
    socket.send(chunk(FLV_START));
    return publisher;
  }

  write(tags: readonly Tag[]): void {
    this.#socket.send(chunk(flvTags(tags)));
  }

  async end(): Promise<TestEnd> {
    this.#socket.send(chunk());
    return await this.over();
  }

  over(): Promise<TestEnd> {
    return patiently(this.#answer, () => "the upload was not answered");
  }

  vanish(): Promise<void> {
    return this.#socket.cut();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanish();
  }
}

class HttpFlvPlayer extends FlvPlayer {
  constructor(socket: TestSocket) {
    super(socket);
    socket.flow((bytes) => this.read(bytes));
    socket.ended.then((end) => {
      const isWhole = end === "reset" || this.isWhole;
      this.end({ status: isWhole ? end : "cut off within a tag", message: "" });
    });
  }
}
