import { type AmfObject, type AmfValue, propertiesOf } from "../../../media/amf/amf_value.ts";
import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { METADATA_TIME } from "../../../media/flv/metadata.ts";
import { tagTypeOf } from "../../../media/flv/tag.ts";
import type { PublishedPacket } from "../../../kernel/sessions/client.ts";
import { HOPS_PROPERTY } from "../../../kernel/sessions/hops.ts";
import { CAPS_EX, CAPS_MULTITRACK, FOURCC_FORWARD } from "../wire/capabilities.ts";
import { chunkStreamOf } from "../wire/chunk_writer.ts";
import type { RtmpAddress } from "./client_address.ts";
import type { ClientEvent, ServerWords } from "./client_events.ts";
import { type Command, objectArgument, readPeerCommand } from "../wire/command.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { clientHandshake } from "../wire/handshake.ts";
import { RtmpLink } from "../wire/link.ts";
import { MessageType, type RtmpMessage } from "../wire/message.ts";
import { UserControl } from "../wire/messages.ts";

/** Chunk size of what is published: most frames are then one chunk. Servers of this age take at least 64 KiB. */
const PUBLISH_CHUNK_SIZE = 60_000;

/** How much a player says that it buffers, in milliseconds; servers of old send so much at once. */
const BUFFER_MS = 1000;

/** Encoders' name for themselves; servers of old look for FMLE before they answer FCPublish. */
const FLASH_VERSION = "FMLE/3.0 (compatible; Sluice)";

/** The codecs of old that Flash Player had, as it told them: all. */
const FLASH_CODECS = { audioCodecs: 0x0fff, videoCodecs: 0x00ff, videoFunction: 1 };

const SET_DATA_FRAME = encodeAmf0("@setDataFrame");

/** Data messages of a server that are not the stream's: permission to read samples, and a status. */
const SERVER_DATA = [encodeAmf0("|RtmpSampleAccess"), encodeAmf0("onStatus")];

/** Statuses that accept, by what was asked for. */
const ACCEPTING = { publish: "NetStream.Publish.Start", play: "NetStream.Play.Start" } as const;

/** Statuses after which nothing more will come, though their level is not `error`. */
const ENDING = new Set([
  "NetConnection.Connect.Closed",
  "NetStream.Play.Complete",
  "NetStream.Play.Stop",
  "NetStream.Play.UnpublishNotify",
  "NetStream.Unpublish.Success",
]);

/** How far a client has come, named by what it waits for; then `ready`, and `over` after a refusal or an end. */
export type ClientStep = "handshake" | "connect" | "createStream" | "publish" | "play" | "ready" | "over";

/**
 * The client's side of one RTMP connection that publishes or plays one stream, without any I/O: bytes in, events out;
 * what is to be sent is gathered for `take`.
 *
 * Invariant: the steps follow one another and none is repeated; `ready` is told at most once, and after `refused` or
 * `ended` nothing is told at all.
 *
 * @example
 * ```ts
 * const machine = new ClientMachine("play", parseRtmpAddress("rtmp://localhost/live/cam"));
 * send(machine.take());
 * for (const event of machine.receive(bytes)) if (event.type === "media") show(event.message);
 * send(machine.take());
 * ```
 */
export class ClientMachine {
  readonly #link = new RtmpLink(clientHandshake());
  readonly #purpose: "publish" | "play";
  readonly #address: RtmpAddress;
  readonly #hops?: readonly string[];
  #events: ClientEvent[] = [];
  #step: ClientStep = "handshake";
  #transaction = 0;
  #streamId = 0;
  #knowsTracks = false;

  /** `hops` are the names of servers that what is published has come through. */
  constructor(purpose: "publish" | "play", address: RtmpAddress, hops?: readonly string[]) {
    this.#purpose = purpose;
    this.#address = address;
    this.#hops = hops;
  }

  /** What the client waits for. */
  get step(): ClientStep {
    return this.#step;
  }

  /** Bytes held for messages that are not complete. */
  get held(): number {
    return this.#link.held;
  }

  /** Bytes to send now, if there are any. */
  take(): Uint8Array | undefined {
    return this.#link.take();
  }

  /**
   * Takes bytes in any split and gives back what they mean.
   *
   * @throws {RtmpProtocolError} when the server breaks the protocol or goes beyond a limit
   */
  receive(bytes: Uint8Array): ClientEvent[] {
    const messages = this.#link.receive(bytes);
    if (this.#step === "handshake" && this.#link.isOpen) this.#connect();
    for (const message of messages) this.#accept(message);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /**
   * Publishes a packet. Tracks beside the main one are left out for servers that did not say that they know multitrack
   * messages.
   *
   * @throws {TypeError} unless the machine publishes and is ready
   */
  write({ kind, role, track = 0, dts, body }: PublishedPacket): void {
    if (this.#purpose !== "publish" || this.#step !== "ready") {
      throw new TypeError(`Cannot write a packet: the ${this.#purpose} client is at the step "${this.#step}"`);
    }
    if (track !== 0 && !this.#knowsTracks) return;
    const type = tagTypeOf(kind);
    const isMetadata = kind === "data" && role === "metadata";
    const bytes = isMetadata ? withPrefix(SET_DATA_FRAME, body) : body;
    const timestamp = isMetadata ? METADATA_TIME : Math.floor(dts / 1000);
    this.#link.out.message(chunkStreamOf(type), type, this.#streamId, timestamp, bytes);
  }

  /** Says that this side has finished; the connection may be closed when the bytes have been sent. */
  close(): void {
    if (this.#streamId !== 0) {
      if (this.#purpose === "publish") this.#call("FCUnpublish", null, this.#address.streamName);
      this.#call("deleteStream", null, this.#streamId);
    }
    this.#step = "over";
  }

  #connect(): void {
    this.#step = "connect";
    const { app, tcUrl } = this.#address;
    this.#call("connect", {
      app,
      ...(this.#purpose === "publish" && { type: "nonprivate" }),
      flashVer: FLASH_VERSION,
      tcUrl,
      ...(this.#purpose === "play" && { fpad: false, capabilities: 15, ...FLASH_CODECS }),
      objectEncoding: 0,
      capsEx: CAPS_EX,
      fourCcList: ["*"],
      videoFourCcInfoMap: { "*": FOURCC_FORWARD },
      audioFourCcInfoMap: { "*": FOURCC_FORWARD },
      ...(this.#hops && { [HOPS_PROPERTY]: this.#hops.join(",") }),
    });
  }

  #accept(message: RtmpMessage): void {
    if (this.#step === "over") return;
    switch (message.type) {
      case MessageType.COMMAND_AMF0:
        return this.#command(message);
      case MessageType.USER_CONTROL:
        return this.#userControl(message.body);
      default:
        return this.#media(message);
    }
  }

  #media(message: RtmpMessage): void {
    if (this.#purpose !== "play" || this.#streamId === 0) return;
    if (message.type === MessageType.DATA_AMF0 && SERVER_DATA.some((name) => startsWith(message.body, name))) return;
    this.#becomeReady();
    this.#tell({ type: "media", message });
  }

  /** The end of a stream as servers tell it that send no status for it. */
  #userControl(body: Uint8Array): void {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (this.#step !== "ready" || this.#purpose !== "play" || body.length < 6) return;
    if (view.getUint16(0) !== UserControl.STREAM_EOF || view.getUint32(2) !== this.#streamId) return;
    this.#end({ code: "NetStream.Play.Stop", description: "The stream has ended" });
  }

  #command(message: RtmpMessage): void {
    const command = readPeerCommand(message);
    switch (command?.name) {
      case "_result":
        return this.#result(command);
      case "_error":
        return this.#error(command);
      case "onStatus":
        return this.#status(serverWords(command), objectArgument(command, 1).level === "error");
      case "close":
        return this.#end({ code: "NetConnection.Connect.Closed", description: "The server says goodbye" });
    }
  }

  #result(command: Command): void {
    if (command.transaction !== this.#transaction) return;
    if (this.#step === "connect") this.#connected(command);
    else if (this.#step === "createStream") this.#created(command);
  }

  #connected(command: Command): void {
    this.#knowsTracks = (Number(objectArgument(command, 1).capsEx) & CAPS_MULTITRACK) !== 0;
    if (this.#purpose === "publish") {
      this.#link.out.setChunkSize(PUBLISH_CHUNK_SIZE);
      this.#call("releaseStream", null, this.#address.streamName);
      this.#call("FCPublish", null, this.#address.streamName);
    }
    this.#step = "createStream";
    this.#call("createStream", null);
  }

  #created(command: Command): void {
    const streamId = Number(command.values[1]);
    if (!Number.isInteger(streamId) || streamId < 1 || streamId > 0xffff_ffff) {
      throw new RtmpProtocolError("The server created a message stream without a number");
    }
    this.#streamId = streamId;
    this.#step = this.#purpose;
    const { out } = this.#link;
    if (this.#purpose === "publish") out.command(streamId, "publish", 0, null, this.#address.streamName, "live");
    else {
      out.command(streamId, "play", 0, null, this.#address.streamName);
      out.userControl(UserControl.SET_BUFFER_LENGTH, streamId, BUFFER_MS);
    }
  }

  /** Many servers know neither releaseStream nor FCPublish, and publish nevertheless. */
  #error(command: Command): void {
    if (command.transaction === this.#transaction) this.#end(serverWords(command));
  }

  #status(words: ServerWords, isError: boolean): void {
    if (words.code === ACCEPTING[this.#purpose]) this.#becomeReady();
    else if (isError || ENDING.has(words.code)) this.#end(words);
  }

  #becomeReady(): void {
    if (this.#step !== this.#purpose) return;
    this.#step = "ready";
    this.#tell({ type: "ready" });
  }

  #end(words: ServerWords): void {
    const type = this.#step === "ready" ? "ended" : "refused";
    this.#step = "over";
    this.#tell({ type, words });
  }

  #call(name: string, ...values: AmfValue[]): void {
    this.#link.out.command(0, name, ++this.#transaction, ...values);
  }

  #tell(event: ClientEvent): void {
    this.#events.push(event);
  }
}

/** The information object stands behind the properties; servers that leave those out put it in their place. */
function serverWords(command: Command): ServerWords {
  const information = propertiesOf(command.values[1]) ?? objectArgument(command, 0);
  const more: AmfObject = propertiesOf(information.ex) ?? {};
  return {
    code: text(information.code) ?? "NetConnection.Call.Failed",
    description: text(information.description) ?? "",
    redirect: text(more.redirect2) ?? text(more.redirect),
  };
}

function text(value: AmfValue): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);
}

function withPrefix(prefix: Uint8Array, body: Uint8Array): Uint8Array {
  if (startsWith(body, prefix)) return body;
  const out = new Uint8Array(prefix.length + body.length);
  out.set(prefix);
  out.set(body, prefix.length);
  return out;
}
