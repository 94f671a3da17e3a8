import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import type { AmfValue } from "../../../media/amf/amf_value.ts";
import { ByteWriter, concat } from "../../../media/bytes.ts";
import { ChunkStreamId, writeMessage } from "./chunk_writer.ts";
import { MessageType } from "./message.ts";

/** User control events (RTMP 1.0, section 7.1.7). */
export const UserControl = {
  STREAM_BEGIN: 0,
  STREAM_EOF: 1,
  STREAM_DRY: 2,
  SET_BUFFER_LENGTH: 3,
  STREAM_IS_RECORDED: 4,
  PING_REQUEST: 6,
  PING_RESPONSE: 7,
} as const;

/** How the other side limits what is sent to it: 2, dynamic (RTMP 1.0, section 5.4.5). */
const LIMIT_DYNAMIC = 2;

/** Gathers the messages that one side wants to send; their chunk size follows the size that was announced last. */
export class MessageWriter {
  #out?: ByteWriter;
  #chunkSize: number;

  constructor(chunkSize: number) {
    this.#chunkSize = chunkSize;
  }

  /** What has been written since the last call; undefined when that is nothing. */
  take(): Uint8Array | undefined {
    const bytes = this.#out?.view();
    this.#out = undefined;
    return bytes;
  }

  /** Announces a chunk size and uses it from the next message on. */
  setChunkSize(size: number): void {
    this.#control(MessageType.SET_CHUNK_SIZE, (out) => out.u32(size));
    this.#chunkSize = size;
  }

  /** How many bytes have come in all; the field has 32 bits and wraps (RTMP 1.0, section 5.4.3). */
  acknowledge(bytesReceived: number): void {
    this.#control(MessageType.ACKNOWLEDGEMENT, (out) => out.u32(bytesReceived % 2 ** 32));
  }

  /** After how many bytes the peer is to acknowledge (section 5.4.4). */
  windowAcknowledgementSize(bytes: number): void {
    this.#control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, (out) => out.u32(bytes));
  }

  /** How many bytes the peer may send without an acknowledgement (section 5.4.5). */
  setPeerBandwidth(bytes: number): void {
    this.#control(MessageType.SET_PEER_BANDWIDTH, (out) => out.u32(bytes).u8(LIMIT_DYNAMIC));
  }

  /** A user control event with one or two 32-bit values. */
  userControl(event: number, ...values: number[]): void {
    this.#control(MessageType.USER_CONTROL, (out) => {
      out.u16(event);
      for (const value of values) out.u32(value);
    });
  }

  /** A command message in AMF0. */
  command(streamId: number, name: string, transaction: number, ...values: AmfValue[]): void {
    this.encodedCommand(streamId, encodeAmf0(name, transaction, ...values));
  }

  /** A command message whose AMF0 is ready, in parts. */
  encodedCommand(streamId: number, ...parts: Uint8Array[]): void {
    this.message(ChunkStreamId.COMMAND, MessageType.COMMAND_AMF0, streamId, 0, concat(parts));
  }

  /** A data message whose AMF0 is ready. */
  encodedData(streamId: number, body: Uint8Array): void {
    this.message(ChunkStreamId.DATA, MessageType.DATA_AMF0, streamId, 0, body);
  }

  /** Any message. */
  message(chunkStream: number, type: number, streamId: number, timestamp: number, body: Uint8Array): void {
    this.#out ??= new ByteWriter();
    writeMessage(this.#out, chunkStream, type, streamId, timestamp, body, this.#chunkSize);
  }

  #control(type: number, write: (out: ByteWriter) => void): void {
    const body = new ByteWriter(16);
    write(body);
    this.message(ChunkStreamId.CONTROL, type, 0, 0, body.view());
  }
}
