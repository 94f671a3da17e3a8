import { FormatError } from "../../media/errors.ts";
import { unpackAggregate } from "./aggregate.ts";
import { ChunkReader, DEFAULT_CHUNK_SIZE } from "./chunk_reader.ts";
import { amf0Body, type Command, readCommand } from "./command.ts";
import { RtmpProtocolError } from "./errors.ts";
import { PLAYER_CHUNK_SIZE } from "./format.ts";
import { type Handshake, serverHandshake } from "./handshake.ts";
import { MessageType, type RtmpMessage } from "./message.ts";
import { MessageWriter, UserControl } from "./messages.ts";
import { COMMANDS } from "./server_commands.ts";
import type { ConnectInfo, ServerEvent } from "./server_events.ts";
import { ServerReplies } from "./server_replies.ts";

/** Bytes that the peer may send before it hears an acknowledgement, until it says another number. */
const DEFAULT_ACK_WINDOW = 2_500_000;

/** Bytes kept back while a decision is pending: a second of the largest streams. Beyond it the peer is cut off. */
export const MAX_KEPT_BACK = 8 * 1024 * 1024;

/** Message streams on one connection; players and encoders use one or two, relays a few dozen. */
export const MAX_MESSAGE_STREAMS = 64;

/** What one message stream of a connection is doing. */
export type StreamUse = "idle" | "publish-asked" | "publishing" | "play-asked" | "playing";

/** One message stream. */
export interface MessageStream {
  use: StreamUse;
  /** Media that came before its publish was decided. */
  keptBack: RtmpMessage[];
}

/**
 * The server's side of one RTMP connection, without any I/O: bytes in, events out; answers are gathered for `take`.
 *
 * Invariant: an event that asks is told once and answered once. Until `connect` is answered nothing else is told; until
 * a `publish` is answered no media of its stream is. What comes in the meantime is kept back, in order and bounded.
 *
 * @example
 * ```ts
 * for (const event of machine.receive(bytes)) if (event.type === "connect") machine.acceptConnect();
 * send(machine.take());
 * ```
 */
export class ServerMachine {
  /** Answers that are not answers to one of the events. */
  readonly replies: ServerReplies;
  /** The message streams in use. */
  readonly streams = new Map<number, MessageStream>();
  connectInfo?: ConnectInfo;
  readonly #handshake: Handshake = serverHandshake();
  readonly #reader = new ChunkReader();
  readonly #writer = new MessageWriter(DEFAULT_CHUNK_SIZE);
  readonly #waiting: RtmpMessage[] = [];
  #events: ServerEvent[] = [];
  #connect: "none" | "asked" | "accepted" | "rejected" = "none";
  #connectTransaction = 1;
  #received = 0;
  #acknowledged = 0;
  #ackWindow = DEFAULT_ACK_WINDOW;
  #keptBack = 0;

  constructor() {
    this.replies = new ServerReplies(this.#writer);
  }

  /** True once the peer's `connect` has been accepted. */
  get isConnected(): boolean {
    return this.#connect === "accepted";
  }

  /** Bytes held for messages that are not complete or not decided. */
  get held(): number {
    return this.#reader.held + this.#keptBack;
  }

  /**
   * Takes bytes in any split and gives back what they mean.
   *
   * @throws {RtmpProtocolError} when the peer breaks the protocol or goes beyond a limit
   */
  receive(bytes: Uint8Array): ServerEvent[] {
    this.#received += bytes.length;
    const rest = this.#handshake.done ? bytes : this.#shakeHands(bytes);
    if (rest.length > 0) {
      for (const message of this.#reader.read(rest)) this.#accept(message);
    }
    this.#acknowledge();
    return this.#takeEvents();
  }

  /** Bytes to send now, if there are any. */
  take(): Uint8Array | undefined {
    return this.#handshake.take() ?? this.#writer.take();
  }

  /** Says yes to `connect`; gives back what had to wait for it. */
  acceptConnect(): ServerEvent[] {
    this.#connect = "accepted";
    this.replies.connected(this.#connectTransaction, PLAYER_CHUNK_SIZE);
    const waiting = this.#waiting.splice(0);
    for (const message of waiting) {
      this.#keptBack -= message.body.length;
      this.#accept(message);
    }
    return this.#takeEvents();
  }

  /** Says no to `connect`; `redirect` is the address to go to instead. */
  rejectConnect(description: string, redirect?: string): void {
    this.#connect = "rejected";
    this.replies.connectRejected(this.#connectTransaction, description, redirect);
  }

  /** Says yes to `publish`; gives back the media that had to wait for it. */
  acceptPublish(streamId: number): ServerEvent[] {
    const stream = this.#stream(streamId);
    stream.use = "publishing";
    this.replies.publishStarted(streamId);
    for (const message of stream.keptBack.splice(0)) {
      this.#keptBack -= message.body.length;
      this.#tell({ type: "media", streamId, message });
    }
    return this.#takeEvents();
  }

  /** Says no to `publish`, or ends one that had been accepted. */
  rejectPublish(streamId: number, code: string, description: string): void {
    this.#release(streamId);
    this.replies.status(streamId, "error", code, description);
  }

  /** Says yes to `play`; the stream's messages follow. */
  acceptPlay(streamId: number, reset: boolean): void {
    this.#stream(streamId).use = "playing";
    this.replies.playStarted(streamId, reset);
  }

  /** Says no to `play`. */
  rejectPlay(streamId: number, code: string, description: string): void {
    this.#release(streamId);
    this.replies.status(streamId, "error", code, description);
  }

  /** Tells a player that its stream is over. */
  endPlay(streamId: number, description: string): void {
    this.#release(streamId);
    this.replies.playEnded(streamId, description);
  }

  /** Asks the peer for a sign of life. */
  ping(milliseconds: number): void {
    this.#writer.userControl(UserControl.PING_REQUEST, milliseconds % 2 ** 32);
  }

  /** @internal For the commands. */
  tell(event: ServerEvent): void {
    this.#tell(event);
  }

  /** @internal Opens a message stream under the lowest free number. */
  openStream(): number {
    let id = 1;
    while (this.streams.has(id)) id++;
    this.#stream(id);
    return id;
  }

  /** @internal The stream of a command; encoders may use one that they did not ask for. */
  stream(streamId: number): MessageStream {
    return this.#stream(streamId);
  }

  /** @internal What the stream was used for is over. */
  stop(streamId: number): void {
    const use = this.streams.get(streamId)?.use ?? "idle";
    if (use === "publishing" || use === "publish-asked") this.#tell({ type: "unpublish", streamId });
    else if (use !== "idle") this.#tell({ type: "stop", streamId });
    this.#release(streamId);
  }

  /** @internal Begins the question whether the peer may connect. */
  askConnect(transaction: number, info: ConnectInfo): void {
    if (this.#connect !== "none") throw new RtmpProtocolError("The peer sent connect a second time");
    this.#connect = "asked";
    this.#connectTransaction = transaction;
    this.connectInfo = info;
    this.#tell({ type: "connect", info });
  }

  #shakeHands(bytes: Uint8Array): Uint8Array {
    return bytes.subarray(this.#handshake.receive(bytes));
  }

  #accept(message: RtmpMessage): void {
    if (this.#connect === "asked") return this.#keepBack(this.#waiting, message);
    if (this.#connect === "rejected") return;
    switch (message.type) {
      case MessageType.AUDIO:
      case MessageType.VIDEO:
      case MessageType.DATA_AMF0:
        return this.#media(message);
      case MessageType.DATA_AMF3:
        return this.#media({ ...message, type: MessageType.DATA_AMF0, body: amf0Body(message) });
      case MessageType.AGGREGATE:
        for (const part of unpackAggregate(message)) this.#accept(part);
        return;
      case MessageType.COMMAND_AMF0:
      case MessageType.COMMAND_AMF3:
        return this.#command(message);
      case MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE:
        return this.#setAckWindow(message.body);
      case MessageType.USER_CONTROL:
        return this.#userControl(message.body);
    }
  }

  #media(message: RtmpMessage): void {
    const stream = this.streams.get(message.streamId);
    if (stream?.use === "publishing") this.#tell({ type: "media", streamId: message.streamId, message });
    else if (stream?.use === "publish-asked") this.#keepBack(stream.keptBack, message);
  }

  #keepBack(list: RtmpMessage[], message: RtmpMessage): void {
    this.#keptBack += message.body.length;
    if (this.#keptBack > MAX_KEPT_BACK) {
      throw new RtmpProtocolError(`The peer sent more than ${MAX_KEPT_BACK} bytes before it was allowed to`);
    }
    list.push(message);
  }

  #command(message: RtmpMessage): void {
    const command = this.#readCommand(message);
    if (!command) return;
    const handler = COMMANDS[command.name];
    if (!this.isConnected && command.name !== "connect") {
      throw new RtmpProtocolError(`The peer sent ${JSON.stringify(command.name.slice(0, 40))} before connect`);
    }
    if (handler) handler(this, command);
    else if (command.transaction !== 0) this.replies.result(command, null);
  }

  #readCommand(message: RtmpMessage): Command | undefined {
    try {
      return readCommand(message);
    } catch (error) {
      if (error instanceof FormatError) throw new RtmpProtocolError(`The peer sent a bad command: ${error.message}`);
      throw error;
    }
  }

  #setAckWindow(body: Uint8Array): void {
    if (body.length >= 4) this.#ackWindow = Math.max(1, new DataView(body.buffer, body.byteOffset).getUint32(0));
  }

  #userControl(body: Uint8Array): void {
    if (body.length < 6) return;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (view.getUint16(0) === UserControl.PING_REQUEST) {
      this.#writer.userControl(UserControl.PING_RESPONSE, view.getUint32(2));
    }
  }

  /** Acknowledges at half the window, so that a peer that waits at its end never does. */
  #acknowledge(): void {
    if (this.#received - this.#acknowledged < this.#ackWindow / 2 || !this.#handshake.done) return;
    this.#acknowledged = this.#received;
    this.#writer.acknowledge(this.#received);
  }

  #stream(streamId: number): MessageStream {
    let stream = this.streams.get(streamId);
    if (!stream) {
      if (this.streams.size >= MAX_MESSAGE_STREAMS) {
        throw new RtmpProtocolError(`The peer opened more than ${MAX_MESSAGE_STREAMS} message streams`);
      }
      this.streams.set(streamId, stream = { use: "idle", keptBack: [] });
    }
    return stream;
  }

  #release(streamId: number): void {
    const stream = this.streams.get(streamId);
    if (!stream) return;
    for (const message of stream.keptBack.splice(0)) this.#keptBack -= message.body.length;
    stream.use = "idle";
  }

  #tell(event: ServerEvent): void {
    this.#events.push(event);
  }

  #takeEvents(): ServerEvent[] {
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

const NO_EVENTS: ServerEvent[] = [];
