import { decodeAmf0 } from "../../media/amf/amf0.ts";
import { type AmfObject, propertiesOf } from "../../media/amf/amf_value.ts";
import { eventually } from "../../tests/support/eventually.ts";
import type { TestServer } from "../../tests/support/test_server.ts";
import { TestSocket } from "../../tests/support/test_socket.ts";
import { ChunkReader } from "./wire/chunk_reader.ts";
import { clientHandshake } from "./wire/handshake.ts";
import { MessageType, type RtmpMessage } from "./wire/message.ts";
import { ChunkScript } from "./testing.ts";

/** Somebody who speaks RTMP message by message. */
export class WirePeer implements AsyncDisposable {
  readonly socket: TestSocket;
  /** Everything it has heard that is not a command. */
  readonly media: RtmpMessage[] = [];
  /** The status codes, or the names of other commands, that it has heard. */
  readonly codes: string[] = [];
  /** What the last status said in words. */
  words = "";
  readonly #handshake = clientHandshake();
  readonly #reader = new ChunkReader();

  private constructor(socket: TestSocket) {
    this.socket = socket;
    socket.flow((bytes) => this.#receive(bytes));
  }

  /** A peer that has shaken hands. */
  static async open(server: TestServer): Promise<WirePeer> {
    const peer = new WirePeer(await TestSocket.open(server.server.address("rtmp").port));
    peer.socket.send(peer.#handshake.take()!);
    await eventually(() => peer.#handshake.done, "there was no handshake");
    return peer;
  }

  /** A peer that has connected, to the app `live` unless told otherwise. */
  static async connect(server: TestServer, more: AmfObject = {}): Promise<WirePeer> {
    const peer = await WirePeer.open(server);
    const object = { app: "live", tcUrl: "rtmp://localhost/live", ...more };
    peer.say((script) => script.command(0, 3, 0, "connect", 1, object));
    await peer.hears("_result");
    return peer;
  }

  /** Sends messages, in chunks of the default size. */
  say(write: (script: ChunkScript) => unknown): void {
    const script = new ChunkScript();
    write(script);
    this.socket.send(script.bytes);
  }

  /** Waits until it has heard a status code, or a command's name, so many times. */
  hears(code: string, times = 1): Promise<void> {
    const count = () => this.codes.filter((heard) => heard === code).length;
    return eventually(() => count() >= times, `${code} was not heard, but ${this.codes}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.socket[Symbol.asyncDispose]();
  }

  #receive(bytes: Uint8Array): void {
    const rest = this.#handshake.done ? bytes : bytes.subarray(this.#handshake.receive(bytes));
    const answer = this.#handshake.take();
    if (answer) this.socket.send(answer);
    for (const message of this.#reader.read(rest)) {
      if (message.type === MessageType.COMMAND_AMF0) this.#hear(message);
      else if (message.streamId !== 0 && message.type !== MessageType.DATA_AMF0) this.media.push(message);
    }
  }

  #hear({ body }: RtmpMessage): void {
    const [name, , , value] = decodeAmf0(body);
    const information = propertiesOf(value);
    this.codes.push(String(name === "_result" ? name : information?.code ?? name));
    this.words = String(information?.description ?? "");
  }
}
