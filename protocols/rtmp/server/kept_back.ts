import { RtmpProtocolError } from "../wire/errors.ts";
import type { RtmpMessage } from "../wire/message.ts";

/** Bytes kept back while a decision is pending: a second of the largest streams. Beyond it the peer is cut off. */
export const MAX_KEPT_BACK = 8 * 1024 * 1024;

/** What a message costs besides its body, about: a peer may send millions of empty ones. */
export const MESSAGE_COST = 128;

/** The messages of one connection that have come before they were allowed to: in order, and bounded. */
export class KeptBack {
  #held = 0;

  /** About how many bytes they occupy. */
  get held(): number {
    return this.#held;
  }

  /**
   * Puts a message at the end of a list, which is made for the first one.
   *
   * @throws {RtmpProtocolError} when all lists together go beyond {@linkcode MAX_KEPT_BACK}
   */
  add(list: RtmpMessage[] = [], message: RtmpMessage): RtmpMessage[] {
    this.#held += costOf(message);
    if (this.#held > MAX_KEPT_BACK) {
      throw new RtmpProtocolError(`The peer sent more than ${MAX_KEPT_BACK} bytes before it was allowed to`);
    }
    list.push(message);
    return list;
  }

  /** Counts the messages of a list no longer, and gives them back. */
  release(list: readonly RtmpMessage[] = []): readonly RtmpMessage[] {
    for (const message of list) this.#held -= costOf(message);
    return list;
  }
}

function costOf({ body }: RtmpMessage): number {
  return body.length + MESSAGE_COST;
}
