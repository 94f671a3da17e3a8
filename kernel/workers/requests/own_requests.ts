import { problemText } from "../../front/problem.ts";
import { whenAborted } from "../../reasons.ts";
import type { AnswerWord, RequestWord, SentHead, SentRequest } from "../messages.ts";

/** Answers that have no body, not even an empty one (Fetch, section 2.2.3). */
const NO_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** What whoever asks is told when the worker is gone that was to answer. */
const AGAIN = "The worker that answers this has failed, or is not ready: try again";

interface Asked {
  readonly home: number;
  readonly answer: PromiseWithResolvers<Response>;
  /** What of the request's body has not been sent. */
  readonly sending?: ReadableStreamDefaultReader<Uint8Array>;
  leaving?: Disposable;
  /** Where the answer's body goes once its head is there. */
  body?: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** A piece of the answer's body has been given on that the worker waits for. */
  isFull: boolean;
}

/** Sends what becomes of a request to the worker `home`, by way of the relay. */
type Send = (word: RequestWord & { readonly home: number }) => void;

/** Requests that the program itself makes of its server in the main isolate, and workers answer. */
export class OwnRequests {
  readonly #send: Send;
  readonly #asked = new Map<number, Asked>();
  #newest = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  /** How many have not been answered to their end. */
  get size(): number {
    return this.#asked.size;
  }

  /** What a worker answers; 503 when it is not there to do so. */
  ask(request: Request, home: number): Promise<Response> {
    const id = ++this.#newest;
    const answer = Promise.withResolvers<Response>();
    const asked: Asked = { home, answer, sending: request.body?.getReader(), isFull: false };
    this.#asked.set(id, asked);
    asked.leaving = whenAborted(request.signal, () => this.#leave(id, request.signal.reason));
    if (this.#asked.has(id)) this.#send({ type: "request", id, home, request: sentRequest(request) });
    return answer.promise;
  }

  /** Takes what becomes of an answer. */
  receive(word: AnswerWord): void {
    const asked = this.#asked.get(word.id);
    if (!asked) return;
    if (word.type === "more") void this.#sendBody(word.id, asked);
    else if (word.type === "break") this.#break(word.id, asked);
    else this.#answer(word, asked);
  }

  /** A worker is gone, and with it its answers. */
  lost(home: number): void {
    for (const [id, asked] of this.#asked) if (asked.home === home) this.#break(id, asked);
  }

  #answer(word: AnswerWord & { type: "answer" | "answered" }, asked: Asked): void {
    const { id, type, head } = word;
    const isOver = type === "answered";
    if (isOver) this.#forget(id);
    if (head) asked.answer.resolve(this.#response(id, asked, head));
    if (type === "answer" && word.chunk) this.#pass(id, asked, word.chunk as Uint8Array<ArrayBuffer>);
    if (isOver) asked.body?.close();
  }

  #pass(id: number, asked: Asked, chunk: Uint8Array<ArrayBuffer>): void {
    if (!asked.body) return this.#send({ type: "taken", id, home: asked.home });
    asked.isFull = true;
    asked.body.enqueue(chunk);
  }

  #response(id: number, asked: Asked, { status, headers }: SentHead): Response {
    const pairs = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    const body = NO_BODY.has(status) ? null : this.#bodyOf(id, asked);
    return new Response(body, { status, headers: pairs as [string, string][] });
  }

  #bodyOf(id: number, asked: Asked): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (asked.body = controller),
      pull: () => {
        if (!asked.isFull) return;
        asked.isFull = false;
        this.#send({ type: "taken", id, home: asked.home });
      },
      cancel: () => {
        asked.body = undefined;
        this.#leave(id);
      },
    }, { highWaterMark: 0 });
  }

  /** Whoever has asked wants no answer any more. */
  #leave(id: number, why?: unknown): void {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#forget(id);
    this.#send({ type: "gone", id, home: asked.home });
    asked.answer.reject(why);
    asked.body?.error(why);
  }

  /** Nothing more of an answer comes. */
  #break(id: number, asked: Asked): void {
    this.#forget(id);
    asked.answer.resolve(again());
    asked.body?.error(new Error(AGAIN));
  }

  #forget(id: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.leaving?.[Symbol.dispose]();
    asked?.sending?.cancel().catch(() => {});
  }

  /** Sends the next piece of a request's body; nothing is its end. */
  async #sendBody(id: number, { home, sending }: Asked): Promise<void> {
    const piece = await sending?.read().catch(() => undefined);
    if (!this.#asked.has(id)) return;
    const chunk = piece?.value && new Uint8Array(piece.value);
    this.#send({ type: "body", id, home, ...(chunk && { chunk }) });
  }
}

function again(): Response {
  const headers = { "Content-Type": "application/problem+json", "Cache-Control": "no-store", "Retry-After": "1" };
  return new Response(problemText(503, AGAIN), { status: 503, headers });
}

function sentRequest({ method, url, headers, body }: Request): SentRequest {
  const { host, pathname, search, protocol } = new URL(url);
  return {
    method,
    url: pathname + search,
    headers: { host, ...Object.fromEntries(headers) },
    httpVersion: "1.1",
    // As requests have it that the program makes of a server without workers.
    remote: { ip: "local", port: 0 },
    isProxied: false,
    localPort: 0,
    isEncrypted: protocol === "https:",
    hasBody: body !== null,
  };
}
