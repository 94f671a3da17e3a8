import { RtmpProtocolError } from "./errors.ts";
import { MAX_MESSAGE_BYTES, MessageType, type RtmpMessage } from "./message.ts";

/** Chunk size of both sides until one says otherwise (RTMP 1.0, section 5.4.1). */
export const DEFAULT_CHUNK_SIZE = 128;

/** Chunk streams that one peer may use: encoders use four or five, and each one that is open holds memory. */
export const MAX_CHUNK_STREAMS = 128;

/** Bytes of unfinished messages that one peer may leave lying: one message of the greatest length, and a little. */
export const MAX_PARTIAL_BYTES = MAX_MESSAGE_BYTES + 1024 * 1024;

/** A message's buffer grows with what arrives, from this size on, since its announced length costs a peer nothing. */
const FIRST_BUFFER = 64 * 1024;

/** The longest header: three bytes of basic header, eleven of message header, four of extended timestamp. */
const LONGEST_HEADER = 18;

const EXTENDED = 0xff_ffff;
const HEADER_BYTES = [11, 7, 3, 0];

class ChunkStream {
  timestamp = 0;
  delta = 0;
  length = 0;
  type = 0;
  streamId = 0;
  /** The last extended timestamp field; undefined when the last header had none. */
  extended?: number;
  hasHeader = false;
  body?: Uint8Array;
  filled = 0;
}

/**
 * Turns the chunks of one peer into messages (RTMP 1.0, section 5.3).
 *
 * Invariant: between two calls the reader stands either inside a chunk's payload, of which `#left` bytes are to come, or
 * before a header, of which at most {@linkcode LONGEST_HEADER} bytes have been kept. Bodies are copies of exactly their
 * length, since a GOP that is kept must not keep the socket's larger buffers with it.
 */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = DEFAULT_CHUNK_SIZE;
  #carry?: Uint8Array;
  #current?: ChunkStream;
  #left = 0;
  #partialBytes = 0;

  /** Bytes held for messages that are not complete. */
  get held(): number {
    return this.#partialBytes + (this.#carry?.length ?? 0);
  }

  /**
   * Takes bytes in any split and gives back the messages that they complete. Chunk size and abort messages take effect
   * here and are given back too.
   *
   * @throws {RtmpProtocolError} when the peer breaks the format or goes beyond a limit
   */
  read(bytes: Uint8Array): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    const input = this.#withCarry(bytes);
    let at = 0;
    while (at < input.length) {
      if (!this.#current) {
        const used = this.#readHeader(input, at);
        if (used === 0) {
          this.#carry = input.slice(at);
          break;
        }
        at += used;
      }
      at += this.#readPayload(input, at, messages);
    }
    return messages;
  }

  #withCarry(bytes: Uint8Array): Uint8Array {
    const carry = this.#carry;
    if (!carry) return bytes;
    this.#carry = undefined;
    const joined = new Uint8Array(carry.length + bytes.length);
    joined.set(carry);
    joined.set(bytes, carry.length);
    return joined;
  }

  /** Reads a chunk's header; returns its length, or 0 when it is not complete. */
  #readHeader(input: Uint8Array, start: number): number {
    let at = start;
    const format = input[at] >> 6;
    let id = input[at++] & 0x3f;
    if (id === 0) {
      if (at + 1 > input.length) return 0;
      id = 64 + input[at++];
    } else if (id === 1) {
      if (at + 2 > input.length) return 0;
      id = 64 + input[at] + input[at + 1] * 256;
      at += 2;
    }
    const messageHeader = at;
    at += HEADER_BYTES[format];
    if (at > input.length) return 0;
    const stream = this.#streams.get(id);
    const field = format === 3 ? stream?.extended ?? 0 : readU24(input, messageHeader);
    const mayExtend = format === 3 ? stream?.extended !== undefined : field === EXTENDED;
    if (mayExtend && at + 4 > input.length) return 0;
    const extended = mayExtend ? readU32(input, at) : undefined;
    const hasExtended = mayExtend && (format !== 3 || extended === stream?.extended);
    if (hasExtended) at += 4;
    this.#begin(id, stream, format, input, messageHeader, format === 3 ? undefined : extended ?? field, extended);
    return at - start;
  }

  #begin(
    id: number,
    known: ChunkStream | undefined,
    format: number,
    input: Uint8Array,
    at: number,
    time: number | undefined,
    extended: number | undefined,
  ): void {
    const stream = known ?? this.#open(id);
    if (stream.body) {
      // A header in the middle of a message: only its format 3 continues it; encoders that restart it mean the new one.
      if (format !== 3) this.#discard(stream);
    }
    if (format === 0) {
      stream.timestamp = stream.delta = time ?? 0;
      stream.streamId = readU32le(input, at + 7);
      stream.hasHeader = true;
    } else if (!stream.hasHeader) {
      throw new RtmpProtocolError(
        `Chunk stream ${id} begins with a header of type ${format}, which needs one before it`,
      );
    } else if (format !== 3) stream.delta = time ?? 0;
    if (format <= 1) {
      stream.length = readU24(input, at + 3);
      stream.type = input[at + 6];
    }
    if (format !== 3) stream.extended = extended;
    if (!stream.body) this.#beginMessage(stream, format);
    this.#current = stream;
    this.#left = Math.min(this.#chunkSize, stream.length - stream.filled);
  }

  #beginMessage(stream: ChunkStream, format: number): void {
    if (format !== 0) stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    stream.filled = 0;
    stream.body = NOTHING;
  }

  #open(id: number): ChunkStream {
    if (this.#streams.size >= MAX_CHUNK_STREAMS) {
      throw new RtmpProtocolError(`The peer opened more than ${MAX_CHUNK_STREAMS} chunk streams`);
    }
    const stream = new ChunkStream();
    this.#streams.set(id, stream);
    return stream;
  }

  /** Reads what there is of the current chunk's payload; returns its length. */
  #readPayload(input: Uint8Array, at: number, messages: RtmpMessage[]): number {
    const stream = this.#current as ChunkStream;
    const used = Math.min(this.#left, input.length - at);
    if (used === stream.length) this.#complete(stream, input.slice(at, at + used), messages);
    else if (used > 0 || stream.length === 0) this.#gather(stream, input.subarray(at, at + used), messages);
    this.#left -= used;
    if (this.#left === 0) this.#current = undefined;
    return used;
  }

  #gather(stream: ChunkStream, part: Uint8Array, messages: RtmpMessage[]): void {
    stream.body = roomFor(stream.body ?? NOTHING, stream.filled, part.length, stream.length);
    stream.body.set(part, stream.filled);
    stream.filled += part.length;
    this.#partialBytes += part.length;
    if (stream.filled === stream.length) {
      this.#partialBytes -= stream.filled;
      return this.#complete(stream, stream.body, messages);
    }
    if (this.#partialBytes > MAX_PARTIAL_BYTES) {
      throw new RtmpProtocolError(`The peer left more than ${MAX_PARTIAL_BYTES} bytes of messages unfinished`);
    }
  }

  #complete(stream: ChunkStream, body: Uint8Array, messages: RtmpMessage[]): void {
    stream.body = undefined;
    stream.filled = 0;
    const message = { type: stream.type, streamId: stream.streamId, timestamp: stream.timestamp, body };
    if (message.type === MessageType.SET_CHUNK_SIZE) this.#setChunkSize(body);
    else if (message.type === MessageType.ABORT) this.#abort(body);
    messages.push(message);
  }

  #setChunkSize(body: Uint8Array): void {
    const size = body.length >= 4 ? readU32(body, 0) : 0;
    if (size < 1 || size > 0x7fff_ffff) {
      throw new RtmpProtocolError(`The peer set a chunk size of ${size}; it can be 1 to 2147483647`);
    }
    this.#chunkSize = size;
  }

  #abort(body: Uint8Array): void {
    const stream = body.length >= 4 ? this.#streams.get(readU32(body, 0)) : undefined;
    if (stream) this.#discard(stream);
  }

  #discard(stream: ChunkStream): void {
    this.#partialBytes -= stream.filled;
    stream.body = undefined;
    stream.filled = 0;
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** A buffer with the bytes of `body` and room for `more`, at most `length` long. */
function roomFor(body: Uint8Array, filled: number, more: number, length: number): Uint8Array {
  if (filled + more <= body.length) return body;
  const size = Math.max(filled + more, body.length * 2, FIRST_BUFFER);
  const larger = new Uint8Array(Math.min(length, size));
  larger.set(body.subarray(0, filled));
  return larger;
}

function readU24(bytes: Uint8Array, at: number): number {
  return bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2];
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

function readU32le(bytes: Uint8Array, at: number): number {
  return (bytes[at + 3] << 24 | bytes[at + 2] << 16 | bytes[at + 1] << 8 | bytes[at]) >>> 0;
}
