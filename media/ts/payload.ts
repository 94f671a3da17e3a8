import type { ElementaryStream } from "./psi.ts";

/** The first stream id of audio (ISO/IEC 13818-1, table 2-22). */
export const STREAM_ID_AUDIO = 0xc0;

/** The first stream id of video. */
export const STREAM_ID_VIDEO = 0xe0;

/** The stream id of what the standard does not number: AC-3, E-AC-3, Opus. */
export const STREAM_ID_PRIVATE = 0xbd;

/** Takes the pieces of a PES packet's payload. */
export interface PieceSink {
  /** Appends bytes; they may be written to afterwards. */
  write(bytes: Uint8Array): void;
}

/**
 * How the frames of one track become the payload of PES packets.
 *
 * For each frame `measure` is called, then, maybe after other frames were measured, `write`, which gives exactly as many
 * bytes. Between the two the configuration stays the same.
 */
export interface Payload {
  readonly streamId: number;
  /**
   * How the program map describes the track: another object whenever something in it changes. Undefined while frames
   * cannot be written, since the configuration is missing or a transport stream cannot express it.
   */
  readonly description: ElementaryStream | undefined;
  /** Takes a decoder configuration. Throws `FormatError` when it cannot be read; the one before stays in force. */
  configure(config: Uint8Array): void;
  /** How many bytes the frame will have; `isKey` asks for what decoders need to begin here. Throws `FormatError`. */
  measure(frame: Uint8Array, isKey: boolean): number;
  /** Writes the frame. */
  write(frame: Uint8Array, isKey: boolean, out: PieceSink): void;
}
