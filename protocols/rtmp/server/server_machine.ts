import type { Command } from "../wire/command.ts";
import { readPeerCommand } from "../wire/command.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { PLAYER_CHUNK_SIZE } from "../format.ts";
import { serverHandshake } from "../wire/handshake.ts";
import { KeptBack } from "./kept_back.ts";
import { RtmpLink } from "../wire/link.ts";
import { MessageType, type RtmpMessage } from "../wire/message.ts";
import { UserControl } from "../wire/messages.ts";
import { COMMANDS } from "./server_commands.ts";
import { StreamTable } from "./stream_table.ts";
import type { ConnectInfo, ServerEvent, StreamQuestion } from "./server_events.ts";
import { ServerReplies } from "./server_replies.ts";

/** Message streams on one connection; players and encoders use one or two, relays a few dozen. */
export const MAX_MESSAGE_STREAMS = 64;

/** What one message stream of a connection is doing. */
export type StreamUse = "idle" | "publish-asked" | "publishing" | "play-asked" | "playing";

/** One message stream. */
export interface MessageStream {
  use: StreamUse;
  /** What the peer wants to publish or play under; as it was sent. */
  name: string;
  /** What the peer asks and nobody has answered. */
  question?: StreamQuestion;
  /** What came before that was answered: media of a publish, wishes of a player. */
  keptBack?: RtmpMessage[];
}

/**
 * The server's side of one RTMP connection, without any I/O: bytes in, events out; answers are gathered for `take`.
 *
 * Invariant: an event that asks is told once and answered at most once. Until `connect` is answered nothing else is
 * told; until a `publish` or `play` is answered nothing of its stream is but its end. What comes in the meantime is kept
 * back, in order and bounded.
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
  readonly streams = new StreamTable<MessageStream>();
  connectInfo?: ConnectInfo;
  readonly #link = new RtmpLink(serverHandshake());
  readonly #keptBack = new KeptBack();
  #waiting?: RtmpMessage[];
  #events: ServerEvent[] = [];
  #connect: "none" | "asked" | "accepted" | "rejected" = "none";
  #connectTransaction = 1;

  constructor() {
    this.replies = new ServerReplies(this.#link.out);
  }

  /** True once the peer's `connect` has been accepted. */
  get isConnected(): boolean {
    return this.#connect === "accepted";
  }

  /** Bytes held for messages that are not complete or not decided. */
  get held(): number {
    return this.#link.held + this.#keptBack.held;
  }

  /**
   * Takes bytes in any split and gives back what they mean.
   *
   * @throws {RtmpProtocolError} when the peer breaks the protocol or goes beyond a limit
   */
  receive(bytes: Uint8Array): ServerEvent[] {
    for (const message of this.#link.receive(bytes)) this.#accept(message);
    return this.#takeEvents();
  }

  /** Bytes to send now, if there are any. */
  take(): Uint8Array | undefined {
    return this.#link.take();
  }

  /**
   * Says yes to `connect`; gives back what had to wait for it.
   *
   * @throws {RtmpProtocolError} when the peer broke the protocol while it waited
   */
  acceptConnect(): ServerEvent[] {
    this.#connect = "accepted";
    this.replies.connected(this.#connectTransaction, PLAYER_CHUNK_SIZE);
    for (const message of this.#takeWaiting()) this.#accept(message);
    return this.#takeEvents();
  }

  /** Says no to `connect`; `redirect` is the address to go to instead. */
  rejectConnect(description: string, redirect?: string): void {
    this.#connect = "rejected";
    this.#takeWaiting();
    this.replies.connectRejected(this.#connectTransaction, description, redirect);
  }

  /** Says yes to `publish`; gives back the media that had to wait for it. */
  acceptPublish(streamId: number): ServerEvent[] {
    this.replies.publishStarted(streamId);
    return this.#begin(streamId, "publishing");
  }

  /** Says no to `publish`, or ends one that had been accepted; `redirect` is the stream's address elsewhere. */
  rejectPublish(streamId: number, code: string, description: string, redirect?: string): void {
    this.#release(streamId);
    if (redirect) this.replies.elsewhere(streamId, description, redirect);
    else this.replies.status(streamId, "error", code, description);
  }

  /** Says yes to `play`; the stream's messages follow. Gives back the wishes that had to wait for it. */
  acceptPlay(streamId: number, reset: boolean): ServerEvent[] {
    this.replies.playStarted(streamId, reset);
    return this.#begin(streamId, "playing");
  }

  /** Says no to `play`; `redirect` is the stream's address elsewhere. */
  rejectPlay(streamId: number, code: string, description: string, redirect?: string): void {
    this.#release(streamId);
    if (redirect) this.replies.elsewhere(streamId, description, redirect);
    else this.replies.status(streamId, "error", code, description);
  }

  /** Tells a player that its stream is over. */
  endPlay(streamId: number, description: string): void {
    this.#release(streamId);
    this.replies.playEnded(streamId, description);
  }

  /** Says whether a question still waits for its answer: the peer may have taken it back, or asked another. */
  isOpen(question: StreamQuestion): boolean {
    return this.streams.get(question.streamId)?.question === question;
  }

  /** Asks the peer for a sign of life. */
  ping(milliseconds: number): void {
    this.#link.out.userControl(UserControl.PING_REQUEST, milliseconds % 2 ** 32);
  }

  /** @internal For the commands. */
  tell(event: ServerEvent): void {
    this.#events.push(event);
  }

  /** @internal Opens a message stream under the lowest free number. */
  openStream(): number {
    let id = 1;
    while (this.streams.has(id)) id++;
    this.stream(id);
    return id;
  }

  /** @internal The stream of a command; encoders may use one that they did not ask for. */
  stream(streamId: number): MessageStream {
    let stream = this.streams.get(streamId);
    if (!stream) {
      if (this.streams.size >= MAX_MESSAGE_STREAMS) {
        throw new RtmpProtocolError(`The peer opened more than ${MAX_MESSAGE_STREAMS} message streams`);
      }
      this.streams.set(streamId, stream = { use: "idle", name: "" });
    }
    return stream;
  }

  /** @internal Begins the question whether the peer may publish or play; what the stream was used for is over. */
  ask(question: StreamQuestion): void {
    this.stop(question.streamId);
    const stream = this.stream(question.streamId);
    stream.use = question.type === "publish" ? "publish-asked" : "play-asked";
    stream.name = question.name;
    stream.question = question;
    this.tell(question);
  }

  /** @internal What the stream was used for is over. */
  stop(streamId: number): void {
    const use = this.streams.get(streamId)?.use ?? "idle";
    if (use === "publishing" || use === "publish-asked") this.tell({ type: "unpublish", streamId });
    else if (use !== "idle") this.tell({ type: "stop", streamId });
    this.#release(streamId);
  }

  /** @internal Begins the question whether the peer may connect. */
  askConnect(transaction: number, info: ConnectInfo): void {
    if (this.#connect !== "none") throw new RtmpProtocolError("The peer sent connect a second time");
    this.#connect = "asked";
    this.#connectTransaction = transaction;
    this.connectInfo = info;
    this.tell({ type: "connect", info });
  }

  #accept(message: RtmpMessage): void {
    if (this.#connect === "asked") {
      this.#waiting = this.#keptBack.add(this.#waiting, message);
      return;
    }
    if (this.#connect === "rejected") return;
    if (message.type === MessageType.COMMAND_AMF0) this.#command(message);
    else if (message.type !== MessageType.USER_CONTROL) this.#media(message);
  }

  #media(message: RtmpMessage): void {
    const { streamId } = message;
    const stream = this.streams.get(streamId);
    if (stream?.use === "publishing") this.tell({ type: "media", streamId, message });
    else if (stream?.use === "publish-asked") {
      stream.keptBack = this.#keptBack.add(stream.keptBack, message);
    }
  }

  #command(message: RtmpMessage): void {
    const command = readPeerCommand(message);
    if (!command) return;
    const handler = COMMANDS[command.name];
    if (!this.isConnected && command.name !== "connect") {
      throw new RtmpProtocolError(`The peer sent ${JSON.stringify(command.name.slice(0, 40))} before connect`);
    }
    const stream = this.streams.get(command.streamId);
    if (stream?.use === "play-asked" && WISHES.has(command.name)) {
      stream.keptBack = this.#keptBack.add(stream.keptBack, message);
    } else if (handler) handler(this, command);
    else if (!isAnswer(command)) this.replies.result(command, null);
  }

  #begin(streamId: number, use: "publishing" | "playing"): ServerEvent[] {
    const stream = this.stream(streamId);
    stream.use = use;
    stream.question = undefined;
    for (const message of this.#takeKeptBack(stream)) this.#accept(message);
    return this.#takeEvents();
  }

  #release(streamId: number): void {
    const stream = this.streams.get(streamId);
    if (!stream) return;
    this.#takeKeptBack(stream);
    stream.use = "idle";
    stream.question = undefined;
  }

  #takeWaiting(): readonly RtmpMessage[] {
    const messages = this.#keptBack.release(this.#waiting);
    this.#waiting = undefined;
    return messages;
  }

  #takeKeptBack(stream: MessageStream): readonly RtmpMessage[] {
    const messages = this.#keptBack.release(stream.keptBack);
    stream.keptBack = undefined;
    return messages;
  }

  #takeEvents(): ServerEvent[] {
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

const NO_EVENTS: ServerEvent[] = [];

/** What a player may want before it knows that it plays. */
const WISHES: ReadonlySet<string> = new Set(["pause", "pauseRaw", "receiveAudio", "receiveVideo", "seek"]);

/** Answers are not answered: two peers that did would never stop. */
function isAnswer({ name }: Command): boolean {
  return name === "_result" || name === "_error" || name === "onStatus";
}
