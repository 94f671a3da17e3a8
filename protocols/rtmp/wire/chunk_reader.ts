import { ChunkStream } from "./chunk_stream.ts";
import { RtmpProtocolError } from "./errors.ts";
import { MAX_MESSAGE_BYTES, MessageType, type RtmpMessage } from "./message.ts";
import { Slab } from "./slab.ts";

/** Chunk size of both sides until one says otherwise (RTMP 1.0, section 5.4.1). */
export const DEFAULT_CHUNK_SIZE = 128;

/** The largest chunk size: the field's first bit must be zero (RTMP 1.0, section 5.4.1). */
const MAX_CHUNK_SIZE = 0x7fff_ffff;

/** Chunk streams that one peer may use: encoders use four or five, and each one costs memory for good. */
export const MAX_CHUNK_STREAMS = 128;

/** Memory that one peer's unfinished messages may occupy: one message of the greatest length, and a little. */
export const MAX_PARTIAL_BYTES = MAX_MESSAGE_BYTES + 1024 * 1024;

/** The longest header: three bytes of basic header, eleven of message header, four of extended timestamp. */
const LONGEST_HEADER = 18;

/** How long the message header is in each of the four formats. */
const HEADER_BYTES = [11, 7, 3, 0];

const NOTHING = new Uint8Array(0);

/** The 24-bit timestamp that says: the real one has 32 bits and follows. */
const EXTENDED = 0xff_ffff;

/**
 * Turns the chunks of one peer into messages (RTMP 1.0, section 5.3).
 *
 * Invariant: between two calls the reader stands either inside a chunk's payload, of which `#left` bytes are to come, or
 * before a header, of which fewer than {@linkcode LONGEST_HEADER} bytes are kept. Bodies are copies: one copy
 * costs less than a GOP cache that keeps a socket's 64 KiB buffer alive for each small frame.
 */
export class ChunkReader {
  /** Few, and there may be thousands of readers: a list takes a fraction of a map's memory. */
  #streams: ChunkStream[] = [];
  #kept = NOTHING;
  #keptLength = 0;
  #chunkSize = DEFAULT_CHUNK_SIZE;
  #current: ChunkStream | undefined;
  /** Players never send what needs one. */
  #slab: Slab | undefined;
  #left = 0;
  #partialBytes = 0;

  /** Bytes held for messages that are not complete. */
  get held(): number {
    return this.#partialBytes + this.#keptLength;
  }

  /**
   * Takes bytes in any split and gives back the messages that they complete. Chunk size and abort messages take effect
   * here and are not given back.
   *
   * @throws {RtmpProtocolError} when the peer breaks the format or goes beyond a limit
   */
  read(bytes: Uint8Array): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    this.#readAll(plain(bytes), messages);
    return messages;
  }

  #readAll(input: Uint8Array, messages: RtmpMessage[]): void {
    let at = 0;
    while (at < input.length) {
      if (this.#current) at += this.#readPayload(this.#current, input, at, messages);
      else if (this.#keptLength > 0) at += this.#resumeHeader(input, at, messages);
      else {
        const used = this.#readHeader(input, at, messages);
        if (used === 0) return this.#keep(input.subarray(at));
        at += used;
      }
    }
  }

  #keep(bytes: Uint8Array): void {
    if (this.#kept === NOTHING) this.#kept = new Uint8Array(LONGEST_HEADER);
    this.#kept.set(bytes, this.#keptLength);
    this.#keptLength += bytes.length;
  }

  /** Goes on with the header that earlier bytes began; returns how much of the input belongs to it. */
  #resumeHeader(input: Uint8Array, at: number, messages: RtmpMessage[]): number {
    const before = this.#keptLength;
    this.#keep(input.subarray(at, at + LONGEST_HEADER - before));
    const used = this.#readHeader(this.#kept.subarray(0, this.#keptLength), 0, messages);
    if (used === 0) return this.#keptLength - before;
    this.#keptLength = 0;
    if (used >= before) return used - before;
    // What looked like the beginning of a repeated extended timestamp was payload.
    this.#readAll(this.#kept.slice(used, before), messages);
    return 0;
  }

  /** Reads a chunk's header; returns its length, or 0 when it is not complete. */
  #readHeader(input: Uint8Array, start: number, messages: RtmpMessage[]): number {
    const format = input[start] >> 6;
    const fields = start + basicHeaderBytes(input[start]);
    const end = fields + HEADER_BYTES[format];
    if (end > input.length) return 0;
    const id = chunkStreamId(input, start);
    const known = this.#find(id);
    const extension = format === 3 ? repeatedExtension(known, input, end) : firstExtension(input, fields, end);
    if (extension === undefined) return 0;
    const stream = known ?? this.#open(id, format);
    if (format !== 3) this.#readFields(stream, format, input, fields, extension);
    this.#beginChunk(stream, messages);
    return end - start + extension;
  }

  /** A header in the middle of a message gives up what has arrived of it. */
  #readFields(stream: ChunkStream, format: number, input: Uint8Array, at: number, extension: number): void {
    this.#discard(stream);
    stream.extended = extension === 0 ? undefined : readU32(input, at + HEADER_BYTES[format]);
    stream.delta = stream.extended ?? readU24(input, at);
    if (format === 2) return;
    stream.length = readU24(input, at + 3);
    stream.type = input[at + 6];
    if (format === 1) return;
    stream.streamId = readU32le(input, at + 7);
    stream.timestamp = 0;
  }

  #beginChunk(stream: ChunkStream, messages: RtmpMessage[]): void {
    if (!stream.isOpen) {
      stream.isOpen = true;
      stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    }
    if (stream.length === 0) return this.#complete(stream, NOTHING, messages);
    this.#current = stream;
    this.#left = Math.min(this.#chunkSize, stream.length - stream.filled);
  }

  #find(id: number): ChunkStream | undefined {
    for (const stream of this.#streams) if (stream.id === id) return stream;
  }

  /** Some clients open a chunk stream with format 1, on the connection and from time 0; formats 2 and 3 lack a length. */
  #open(id: number, format: number): ChunkStream {
    if (format > 1) {
      throw new RtmpProtocolError(
        `Chunk stream ${id} begins with a header of format ${format}, which needs another before it`,
      );
    }
    if (this.#streams.length === MAX_CHUNK_STREAMS) {
      throw new RtmpProtocolError(`The peer uses more than ${MAX_CHUNK_STREAMS} chunk streams`);
    }
    const stream = new ChunkStream(id);
    this.#streams = this.#streams.concat(stream);
    return stream;
  }

  /** Reads what there is of the current chunk's payload; returns its length. */
  #readPayload(stream: ChunkStream, input: Uint8Array, at: number, messages: RtmpMessage[]): number {
    const used = Math.min(this.#left, input.length - at);
    this.#left -= used;
    if (this.#left === 0) this.#current = undefined;
    if (used === stream.length) this.#complete(stream, this.#copy(stream, input, at, at + used), messages);
    else this.#gather(stream, input.subarray(at, at + used), messages);
    return used;
  }

  #copy({ type }: ChunkStream, input: Uint8Array, start: number, end: number): Uint8Array {
    const isMedia = type === MessageType.AUDIO || type === MessageType.VIDEO;
    return isMedia ? (this.#slab ??= new Slab()).copy(input, start, end) : input.slice(start, end);
  }

  #gather(stream: ChunkStream, part: Uint8Array, messages: RtmpMessage[]): void {
    const held = stream.held;
    stream.append(part);
    this.#partialBytes += stream.held - held;
    if (stream.filled === stream.length) return this.#complete(stream, this.#discard(stream), messages);
    if (this.#partialBytes > MAX_PARTIAL_BYTES) {
      throw new RtmpProtocolError(`The peer's unfinished messages occupy more than ${MAX_PARTIAL_BYTES} bytes`);
    }
  }

  #complete(stream: ChunkStream, body: Uint8Array, messages: RtmpMessage[]): void {
    const { type, streamId, timestamp } = stream;
    stream.isOpen = false;
    if (type === MessageType.SET_CHUNK_SIZE) this.#setChunkSize(body);
    else if (type === MessageType.ABORT) this.#abort(body);
    else messages.push({ type, streamId, timestamp, body });
  }

  #setChunkSize(body: Uint8Array): void {
    if (body.length < 4) throw new RtmpProtocolError(`The peer set a chunk size in ${body.length} bytes; it has 4`);
    const size = readU32(body, 0);
    if (size < 1 || size > MAX_CHUNK_SIZE) {
      throw new RtmpProtocolError(`The peer set a chunk size of ${size}; it can be 1 to ${MAX_CHUNK_SIZE}`);
    }
    this.#chunkSize = size;
  }

  #abort(body: Uint8Array): void {
    const stream = body.length >= 4 ? this.#find(readU32(body, 0)) : undefined;
    if (stream) this.#discard(stream);
  }

  #discard(stream: ChunkStream): Uint8Array {
    this.#partialBytes -= stream.held;
    return stream.close();
  }
}

/** The bytes without their class: `slice` of a Node.js `Buffer` would be a view, not a copy. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function basicHeaderBytes(first: number): number {
  const id = first & 0x3f;
  return id === 0 ? 2 : id === 1 ? 3 : 1;
}

function chunkStreamId(input: Uint8Array, at: number): number {
  const id = input[at] & 0x3f;
  if (id === 0) return 64 + input[at + 1];
  return id === 1 ? 64 + input[at + 1] + input[at + 2] * 256 : id;
}

/** How long the extended timestamp behind a header of format 0, 1 or 2 is; undefined when it is not there yet. */
function firstExtension(input: Uint8Array, fields: number, end: number): 0 | 4 | undefined {
  if (readU24(input, fields) !== EXTENDED) return 0;
  return end + 4 <= input.length ? 4 : undefined;
}

/**
 * How long the extended timestamp behind a header of format 3 is; undefined when more bytes must tell.
 *
 * The specification repeats it there (section 5.3.1.3), yet many senders leave it out: only the same number as before
 * is one, anything else is payload.
 */
function repeatedExtension(stream: ChunkStream | undefined, input: Uint8Array, at: number): 0 | 4 | undefined {
  const extended = stream?.extended;
  if (extended === undefined) return 0;
  for (let i = 0; i < 4; i++) {
    if (at + i === input.length) return undefined;
    if (input[at + i] !== (extended >>> (24 - 8 * i) & 0xff)) return 0;
  }
  return 4;
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
