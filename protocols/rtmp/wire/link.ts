import { unpackAggregate } from "./aggregate.ts";
import { ChunkReader, DEFAULT_CHUNK_SIZE } from "./chunk_reader.ts";
import { amf0Body } from "./command.ts";
import type { Handshake } from "./handshake.ts";
import { MessageType, type RtmpMessage } from "./message.ts";
import { MessageWriter, UserControl } from "./messages.ts";

/** Bytes that the peer may send before it hears an acknowledgement, until it says another number. */
const DEFAULT_ACK_WINDOW = 2_500_000;

/**
 * What both sides of a connection do alike, without any I/O: handshake, chunks, acknowledgements, pings.
 *
 * What comes out are commands, audio, video and data (types 20, 8, 9 and 18), and the user control messages that are not
 * pings. Those in AMF3 have been turned into their AMF0 types, and aggregates have been taken apart.
 */
export class RtmpLink {
  /** Where this side's messages are written. */
  readonly out = new MessageWriter(DEFAULT_CHUNK_SIZE);
  /** Forgotten once its last bytes have been taken: thousands of players need not keep theirs. */
  #handshake?: Handshake;
  readonly #reader = new ChunkReader();
  #received = 0;
  #acknowledged = 0;
  #ackWindow = DEFAULT_ACK_WINDOW;
  #announcedWindow = 0;

  constructor(handshake: Handshake) {
    this.#handshake = handshake;
  }

  /** True once the peer's part of the handshake has arrived. */
  get isOpen(): boolean {
    return this.#handshake?.done ?? true;
  }

  /** Bytes held for messages that are not complete. */
  get held(): number {
    return this.#reader.held;
  }

  /**
   * Takes bytes in any split and gives back the messages that they complete.
   *
   * @throws {RtmpProtocolError} when the peer breaks the protocol or goes beyond a limit
   */
  receive(bytes: Uint8Array): RtmpMessage[] {
    this.#received += bytes.length;
    const rest = this.#handshake ? bytes.subarray(this.#handshake.receive(bytes)) : bytes;
    const messages: RtmpMessage[] = [];
    if (rest.length > 0) {
      for (const message of this.#reader.read(rest)) this.#sort(message, messages);
    }
    this.#acknowledge();
    return messages;
  }

  /** Bytes to send now, if there are any. */
  take(): Uint8Array | undefined {
    const flight = this.#handshake?.take();
    if (flight) return flight;
    if (this.#handshake?.done) this.#handshake = undefined;
    return this.out.take();
  }

  #sort(message: RtmpMessage, messages: RtmpMessage[]): void {
    switch (message.type) {
      case MessageType.AUDIO:
      case MessageType.VIDEO:
      case MessageType.DATA_AMF0:
      case MessageType.COMMAND_AMF0:
        messages.push(message);
        break;
      case MessageType.DATA_AMF3:
        messages.push({ ...message, type: MessageType.DATA_AMF0, body: amf0Body(message) });
        break;
      case MessageType.COMMAND_AMF3:
        messages.push({ ...message, type: MessageType.COMMAND_AMF0, body: amf0Body(message) });
        break;
      case MessageType.AGGREGATE:
        for (const part of unpackAggregate(message)) this.#sort(part, messages);
        break;
      case MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE:
        this.#ackWindow = Math.max(1, firstWord(message.body) ?? this.#ackWindow);
        break;
      case MessageType.SET_PEER_BANDWIDTH:
        this.#announceWindow(firstWord(message.body));
        break;
      case MessageType.USER_CONTROL:
        if (!this.#answerPing(message.body)) messages.push(message);
    }
  }

  /** Acknowledges at half the window, so that a peer that waits at its end never does. */
  #acknowledge(): void {
    if (this.#received - this.#acknowledged < this.#ackWindow / 2 || !this.isOpen) return;
    this.#acknowledged = this.#received;
    this.out.acknowledge(this.#received);
  }

  /** A peer that limits this side wants to hear that it was understood (RTMP 1.0, section 5.4.5). */
  #announceWindow(size: number | undefined): void {
    if (size === undefined || size === this.#announcedWindow) return;
    this.#announcedWindow = size;
    this.out.windowAcknowledgementSize(size);
  }

  #answerPing(body: Uint8Array): boolean {
    if (body.length < 6) return false;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (view.getUint16(0) !== UserControl.PING_REQUEST) return false;
    this.out.userControl(UserControl.PING_RESPONSE, view.getUint32(2));
    return true;
  }
}

function firstWord(body: Uint8Array): number | undefined {
  return body.length < 4 ? undefined : new DataView(body.buffer, body.byteOffset).getUint32(0);
}
