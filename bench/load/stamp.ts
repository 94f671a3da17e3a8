import { concat } from "../../media/bytes.ts";

/** What stands before a send time; the frames' other bytes never look like it. */
const MARK = new TextEncoder().encode("SENT-AT:");

/** The length of a stamp in bytes: the mark and the time. */
export const STAMP_BYTES = MARK.length + 8;

/** Writes a send time, in milliseconds of the shared clock, into a frame. */
export function writeStamp(frame: Uint8Array, offset: number, time: number): void {
  frame.set(MARK, offset);
  new DataView(frame.buffer, frame.byteOffset).setFloat64(offset + MARK.length, time, true);
}

/** Finds the send times in whatever a player receives, however it is framed and cut. */
export class StampScanner {
  readonly #onStamp: (time: number) => void;
  #tail: Uint8Array = new Uint8Array(0);

  constructor(onStamp: (time: number) => void) {
    this.#onStamp = onStamp;
  }

  /** Takes the next bytes; they are not kept. */
  scan(bytes: Uint8Array): void {
    const all = concat([this.#tail, bytes]);
    const view = new DataView(all.buffer);
    let from = 0;
    for (let at = indexOfMark(all, 0); at >= 0 && at + STAMP_BYTES <= all.length; at = indexOfMark(all, from)) {
      this.#onStamp(view.getFloat64(at + MARK.length, true));
      from = at + STAMP_BYTES;
    }
    this.#tail = all.slice(Math.max(from, all.length - STAMP_BYTES + 1));
  }
}

function indexOfMark(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(MARK[0], from); at >= 0; at = bytes.indexOf(MARK[0], at + 1)) {
    if (at + MARK.length > bytes.length) return -1;
    if (MARK.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
