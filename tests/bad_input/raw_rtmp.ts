import { decodeAmf0 } from "../../media/amf0.ts";
import type { AmfValue } from "../../media/amf_value.ts";
import { ChunkReader } from "../../protocols/rtmp/chunk_reader.ts";
import { clientHandshake } from "../../protocols/rtmp/handshake.ts";
import { MessageType, type RtmpMessage } from "../../protocols/rtmp/message.ts";
import { ChunkScript } from "../../protocols/rtmp/testing.ts";
import { patiently } from "../support/patience.ts";
import type { TestServer } from "../support/test_server.ts";
import { type SocketEnd, TestSocket } from "../support/test_socket.ts";

/** An RTMP peer that sends whatever it is told to. */
export class RawRtmp implements AsyncDisposable {
  readonly socket: TestSocket;
  readonly #reader = new ChunkReader();
  readonly #messages: RtmpMessage[] = [];
  #onNews = () => {};

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  /** Connects and completes the handshake. */
  static async open(server: TestServer): Promise<RawRtmp> {
    const socket = await TestSocket.open(server.server.address("rtmp").port);
    const handshake = clientHandshake();
    for (let flight = handshake.take(); flight; flight = handshake.take()) {
      socket.send(flight);
      if (!handshake.done) handshake.receive(await socket.read(3073));
    }
    const peer = new RawRtmp(socket);
    socket.flow((bytes) => peer.#read(bytes));
    return peer;
  }

  /** Connects to the app `live`. */
  static async connected(server: TestServer): Promise<RawRtmp> {
    const peer = await RawRtmp.open(server);
    peer.send((script) => script.command(0, 3, 0, "connect", 1, { app: "live", tcUrl: "rtmp://localhost/live" }));
    await peer.hears("_result");
    return peer;
  }

  /** Connects and publishes `live/NAME` on message stream 1. */
  static async publishing(server: TestServer, name: string): Promise<RawRtmp> {
    const peer = await RawRtmp.connected(server);
    peer.send((script) => script.command(0, 3, 1, "publish", 0, null, name));
    await peer.hears("NetStream.Publish.Start");
    return peer;
  }

  /** Connects and plays `live/NAME` on message stream 1. */
  static async playing(server: TestServer, name: string): Promise<RawRtmp> {
    const peer = await RawRtmp.connected(server);
    peer.send((script) => script.command(0, 3, 1, "play", 0, null, name));
    await peer.hears("NetStream.Play.Start");
    return peer;
  }

  /** Sends messages in chunks of the default size. */
  send(write: (script: ChunkScript) => unknown): void {
    const script = new ChunkScript();
    write(script);
    this.socket.send(script.bytes);
  }

  /** Waits until the server has sent this command, or this status code; gives what it said with it. */
  async hears(word: string): Promise<readonly AmfValue[]> {
    let found = this.#find(word);
    while (!found) {
      const news = Promise.withResolvers<void>();
      this.#onNews = news.resolve;
      await patiently(news.promise, () => `the server did not say ${word}`);
      found = this.#find(word);
    }
    return found;
  }

  /** Whether the server has sent this command, or this status code. */
  hasHeard(word: string): boolean {
    return this.#find(word) !== undefined;
  }

  /** Waits until the server has closed the connection. */
  over(): Promise<SocketEnd> {
    return this.socket.over();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.socket.cut();
  }

  #read(bytes: Uint8Array): void {
    this.#messages.push(...this.#reader.read(bytes));
    this.#onNews();
  }

  #find(word: string): readonly AmfValue[] | undefined {
    for (const { type, body } of this.#messages) {
      if (type !== MessageType.COMMAND_AMF0) continue;
      const values = decodeAmf0(body);
      if (values.some((value) => value === word || codeOf(value) === word)) return values;
    }
  }
}

function codeOf(value: AmfValue): unknown {
  return typeof value === "object" && value !== null && "code" in value ? value.code : undefined;
}
