import type { AnswerWord, RequestWord, SentHead, ToWorker } from "../messages.ts";
import { OwnRequests } from "./own_requests.ts";

/** A worker's number and a request's share one number: there are fewer workers than this. */
const WORKERS = 512;

/** Stands for the main isolate among those where requests come in: the program itself has made them. */
const MAIN = WORKERS - 1;

/** The answer to who asks for what a worker has that has failed: soon there is another in its place. */
export const TRY_AGAIN: SentHead = { status: 503, headers: { "retry-after": "1" } };

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
  readonly #own = new OwnRequests((word) => this.request(MAIN, word));

  constructor(post: PostTo) {
    this.#post = post;
  }

  /** Has a worker answer a request of the program itself. */
  ask(request: Request, home: number): Promise<Response> {
    return this.#own.ask(request, home);
  }

  /** A worker is gone, and with it what it was to answer. */
  lost(worker: number): void {
    this.#own.lost(worker);
  }

  /** What becomes of a request that came in at worker `asker`. */
  request(asker: number, { home = 0, ...word }: RequestWord): void {
    const relayed = { ...word, id: relayedId(asker, word.id) };
    const isSent = this.#post(home, relayed, transferOf(relayed));
    if (!isSent && word.type === "request") this.#answerTo(asker, { type: "answered", id: word.id, head: TRY_AGAIN });
  }

  /** What becomes of its answer. */
  answer(word: AnswerWord): void {
    const asker = askerOf(word.id);
    this.#answerTo(asker, { ...word, id: (word.id - asker) / WORKERS });
  }

  #answerTo(asker: number, word: AnswerWord): void {
    if (asker === MAIN) this.#own.receive(word);
    else this.#post(asker, word, transferOf(word));
  }
}

function transferOf(word: AnswerWord | RequestWord): Transferable[] {
  return "chunk" in word && word.chunk ? [word.chunk.buffer as ArrayBuffer] : [];
}
