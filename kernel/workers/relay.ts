import type { AnswerWord, RequestWord, ToWorker } from "./messages.ts";

/** A worker's number and a request's share one number: there are fewer workers than this. */
const WORKERS = 512;

/** Sends a message to a worker; false when there is none in this place. */
export type PostTo = (worker: number, message: ToWorker, transfer?: Transferable[]) => boolean;

/** The number by which a request of a worker is known where it is answered. */
export function relayedId(asker: number, id: number): number {
  return id * WORKERS + asker;
}

/** The worker where a relayed request came in. */
export function askerOf(relayed: number): number {
  return relayed % WORKERS;
}

/** Carries requests from the worker where they came in to the one that answers them, and the answers back. */
export class Relay {
  readonly #post: PostTo;

  constructor(post: PostTo) {
    this.#post = post;
  }

  /** What becomes of a request that came in at worker `asker`. */
  request(asker: number, { home = 0, ...word }: RequestWord): void {
    const relayed = { ...word, id: relayedId(asker, word.id) };
    const isSent = this.#post(home, relayed, transferOf(relayed));
    if (!isSent && word.type === "request") this.#post(asker, { type: "break", id: word.id });
  }

  /** What becomes of its answer. */
  answer(word: AnswerWord): void {
    const asker = askerOf(word.id);
    this.#post(asker, { ...word, id: (word.id - asker) / WORKERS }, transferOf(word));
  }
}

function transferOf(word: AnswerWord | RequestWord): Transferable[] {
  return "chunk" in word && word.chunk ? [word.chunk.buffer as ArrayBuffer] : [];
}
