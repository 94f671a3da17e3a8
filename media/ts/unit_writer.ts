import type { ByteWriter } from "../bytes.ts";

const SYNC_BYTE = 0x47;
const UNIT_START = 0x40_0000;
const HAS_PAYLOAD = 0x10;
const HAS_FIELD = 0x20;

/** What a packet holds behind its header of four bytes. */
const BODY_BYTES = 184;

const FLAG_RANDOM_ACCESS = 0x40;
const FLAG_PCR = 0x10;

/** The adaptation field's length and flags, and the PCR. */
const FIELD_HEADER_BYTES = 2;
const PCR_BYTES = 6;

const PES_FIXED_BYTES = 9;
const TIMESTAMP_BYTES = 5;
const MAX_PES_LENGTH = 0xffff;

/** The marker bits, and that a frame begins where the payload begins. */
const PES_ALIGNED = 0x84;

const STUFFING = new Uint8Array(BODY_BYTES).fill(0xff);

/** The most payload of a PES packet whose length must be given, as audio's must (ISO/IEC 13818-1, 2.4.3.7). */
export const MAX_AUDIO_PAYLOAD = MAX_PES_LENGTH - (PES_FIXED_BYTES - 6) - 2 * TIMESTAMP_BYTES;

/** One PID's packets, counted modulo 16. */
export class PacketStream {
  #next = 0;

  constructor(readonly pid: number) {}

  /** The continuity counter of the next packet with payload (ISO/IEC 13818-1, 2.4.3.3). */
  count(): number {
    const counter = this.#next;
    this.#next = counter + 1 & 0x0f;
    return counter;
  }

  /** The counter that a packet without payload repeats. */
  get last(): number {
    return this.#next - 1 & 0x0f;
  }
}

/** What the header of a PES packet says. */
export interface PesHeader {
  readonly streamId: number;
  /** At 90 kHz, 33 bits. */
  readonly pts: number;
  /** At 90 kHz, 33 bits; left out when it is the same as the pts. */
  readonly dts: number;
  /** Whether decoding can begin here. */
  readonly isRandomAccess: boolean;
  /** The base of a PCR to send along, at 90 kHz; undefined for none. */
  readonly pcr?: number;
}

/**
 * Cuts PES packets into transport packets (ISO/IEC 13818-1, 2.4.3).
 *
 * The invariant: the length of a PES packet is known when it begins. So each transport packet is full but the last, which
 * is known to be the last when it begins, and is stuffed in its adaptation field.
 */
export class UnitWriter {
  #out!: ByteWriter;
  #stream!: PacketStream;
  /** Bytes of the PES packet that have not been written. */
  #left = 0;
  /** Bytes that the current transport packet still takes. */
  #room = 0;

  /** Begins a PES packet with `size` bytes of payload, all of which must follow through {@linkcode write}. */
  begin(out: ByteWriter, stream: PacketStream, header: PesHeader, size: number): void {
    const { streamId, pts, dts, isRandomAccess, pcr } = header;
    const timestamps = pts === dts ? 1 : 2;
    const length = PES_FIXED_BYTES + timestamps * TIMESTAMP_BYTES;
    this.#out = out;
    this.#stream = stream;
    this.#left = length + size;
    this.#beginPacket(UNIT_START, isRandomAccess ? FLAG_RANDOM_ACCESS : 0, pcr);
    const announced = length - 6 + size;
    out.u24(1).u8(streamId).u16(announced > MAX_PES_LENGTH ? 0 : announced);
    out.u8(PES_ALIGNED).u8(timestamps === 2 ? 0xc0 : 0x80).u8(timestamps * TIMESTAMP_BYTES);
    writeTimestamp(out, timestamps === 2 ? 3 : 2, pts);
    if (timestamps === 2) writeTimestamp(out, 1, dts);
    this.#left -= length;
    this.#room -= length;
  }

  /** Appends payload to the PES packet. */
  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#room === 0) this.#beginPacket(0, 0);
      const count = Math.min(this.#room, bytes.length - at);
      this.#out.raw(count === bytes.length ? bytes : bytes.subarray(at, at + count));
      this.#left -= count;
      this.#room -= count;
      at += count;
    }
  }

  #beginPacket(start: number, flags: number, pcr?: number): void {
    const needed = pcr !== undefined ? FIELD_HEADER_BYTES + PCR_BYTES : flags ? FIELD_HEADER_BYTES : 0;
    const field = Math.max(needed, BODY_BYTES - this.#left);
    writeHeader(this.#out, start, this.#stream.pid, field > 0, this.#stream.count());
    if (field > 0) writeField(this.#out, field, flags, pcr);
    this.#room = BODY_BYTES - field;
  }
}

/** Appends a packet that has nothing but a PCR; `pcr` is its base at 90 kHz. */
export function writePcrPacket(out: ByteWriter, stream: PacketStream, pcr: number): void {
  out.u32((SYNC_BYTE << 24 | stream.pid << 8 | HAS_FIELD | stream.last) >>> 0);
  writeField(out, BODY_BYTES, 0, pcr);
}

/** Appends a PSI section, behind its pointer field and stuffed to whole packets (ISO/IEC 13818-1, 2.4.4). */
export function writeSection(out: ByteWriter, stream: PacketStream, section: Uint8Array): void {
  let at = 0;
  let start = UNIT_START;
  while (at < section.length) {
    writeHeader(out, start, stream.pid, false, stream.count());
    const room = start ? BODY_BYTES - 1 : BODY_BYTES;
    if (start) out.u8(0);
    const count = Math.min(room, section.length - at);
    out.raw(section.subarray(at, at + count)).raw(STUFFING.subarray(0, room - count));
    at += count;
    start = 0;
  }
}

function writeHeader(out: ByteWriter, start: number, pid: number, hasField: boolean, counter: number): void {
  const control = hasField ? HAS_FIELD | HAS_PAYLOAD : HAS_PAYLOAD;
  out.u32(SYNC_BYTE << 24 | start | pid << 8 | control | counter);
}

/** An adaptation field of `size` bytes with its length byte (ISO/IEC 13818-1, 2.4.3.4). */
function writeField(out: ByteWriter, size: number, flags: number, pcr?: number): void {
  out.u8(size - 1);
  if (size === 1) return;
  out.u8(pcr === undefined ? flags : flags | FLAG_PCR);
  let filled = FIELD_HEADER_BYTES;
  if (pcr !== undefined) {
    // The base has 33 bits, then come six reserved bits and an extension in 27 MHz, which is 0.
    out.u32(Math.floor(pcr / 2)).u16((pcr % 2) << 15 | 0x7e00);
    filled += PCR_BYTES;
  }
  if (size > filled) out.raw(STUFFING.subarray(0, size - filled));
}

/** A PTS or DTS: 33 bits in three parts, a marker bit behind each (ISO/IEC 13818-1, 2.4.3.6). */
function writeTimestamp(out: ByteWriter, prefix: number, time: number): void {
  const low = time >>> 0;
  out.u8(prefix << 4 | Math.floor(time / 2 ** 30) << 1 | 1);
  out.u16((low >>> 15 & 0x7fff) << 1 | 1);
  out.u16((low & 0x7fff) << 1 | 1);
}
