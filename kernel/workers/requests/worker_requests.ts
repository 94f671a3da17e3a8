import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { clearImmediate, setImmediate } from "node:timers";
import type { HttpEnv } from "../../front/front.ts";
import type { Logger } from "../../log/log.ts";
import { setPeer } from "../../front/peer_address.ts";
import type { AnswerWord, Post, RequestWord, SentRequest } from "../messages.ts";
import { SentAnswer } from "./sent_answer.ts";

/** Answers a request in this isolate. */
export type AppFetch = (request: Request, env: HttpEnv["Bindings"]) => Response | Promise<Response>;

interface Served {
  readonly answer: SentAnswer;
  readonly gone: AbortController;
  body?: ReadableStreamDefaultController<Uint8Array>;
}

/** The header of a response that stands for one written past it. */
const ALREADY_SENT = "x-hono-already-sent";

/** Requests that came in elsewhere and are answered here. */
export class WorkerRequests {
  readonly #post: Post<AnswerWord>;
  readonly #fetch: AppFetch;
  readonly #log: Logger;
  readonly #served = new Map<number, Served>();

  constructor(post: Post<AnswerWord>, fetch: AppFetch, log: Logger) {
    this.#post = post;
    this.#fetch = fetch;
    this.#log = log;
  }

  /** Takes what becomes of a request. */
  receive(word: RequestWord): void {
    if (word.type === "request") void this.begin(word.id, word.request);
    else if (word.type === "body") this.body(word.id, word.chunk);
    else if (word.type === "taken") this.taken(word.id);
    else this.gone(word.id);
  }

  /** Answers a request. */
  async begin(id: number, sent: SentRequest): Promise<void> {
    const answer = new SentAnswer(id, this.#post);
    const served: Served = { answer, gone: new AbortController() };
    this.#served.set(id, served);
    answer.on("error", ignore);
    answer.once("close", () => this.#served.delete(id));
    try {
      const request = this.#request(id, sent, served);
      if (!request) return void answer.writeHead(400).end();
      const env = { incoming: incomingOf(sent, answer), outgoing: answer as unknown as ServerResponse };
      await write(await this.#fetch(request, env), answer);
    } catch (error) {
      if (!served.gone.signal.aborted) this.#log.error(`A request failed: ${error}`, { error });
      answer.destroy();
    }
  }

  /** A piece of a request's body; undefined is its end. */
  body(id: number, chunk: Uint8Array | undefined): void {
    const served = this.#served.get(id);
    if (chunk) return served?.body?.enqueue(chunk);
    served?.body?.close();
    if (served) served.body = undefined;
  }

  /** The worker's connection has taken what was written last. */
  taken(id: number): void {
    this.#served.get(id)?.answer.taken();
  }

  /** Who has asked is gone. */
  gone(id: number): void {
    const served = this.#served.get(id);
    this.#served.delete(id);
    served?.gone.abort();
    served?.body?.error(new Error("Who has asked is gone"));
    served?.answer.destroy();
  }

  /** Where those came in of whose numbers this is true is gone, and with it who has asked. */
  close(isGone: (id: number) => boolean = () => true): void {
    for (const id of [...this.#served.keys()]) if (isGone(id)) this.gone(id);
  }

  /** Undefined for what is no request: a host or method that cannot be. */
  #request(id: number, sent: SentRequest, served: Served): Request | undefined {
    const { method, url, headers, isEncrypted, hasBody } = sent;
    const address = URL.parse(url, `${isEncrypted ? "https" : "http"}://${headers.host ?? "localhost"}`);
    if (!address) return undefined;
    const body = hasBody ? this.#bodyOf(id, served) : undefined;
    const { signal } = served.gone;
    try {
      return new Request(address, { method, headers: pairsOf(headers), body, signal });
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }

  #bodyOf(id: number, served: Served): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => void (served.body = controller),
      pull: () => this.#post({ type: "more", id }),
      cancel: () => void (served.body = undefined),
    }, { highWaterMark: 0 }) as ReadableStream<Uint8Array<ArrayBuffer>>;
  }
}

function ignore(): void {}

function pairsOf(headers: SentRequest["headers"]): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => {
    return (Array.isArray(value) ? value : [value ?? ""]).map((each): [string, string] => [name, each]);
  });
}

/** What routes want to know of a request's connection. */
function incomingOf(sent: SentRequest, answer: SentAnswer): IncomingMessage {
  const { method, url, headers, httpVersion, remote, localPort, isEncrypted } = sent;
  const socket = Object.assign(new EventEmitter(), {
    remoteAddress: remote.ip,
    remotePort: remote.port,
    localPort,
    encrypted: isEncrypted,
    destroyed: false,
    destroy: () => answer.destroy(),
  });
  const incoming = { method, url, headers, httpVersion, socket, complete: true };
  if (sent.isProxied) setPeer(incoming, remote);
  return incoming as unknown as IncomingMessage;
}

/** Writes a response, unless it has been written past the context. */
async function write(response: Response, answer: SentAnswer): Promise<void> {
  if (response.headers.has(ALREADY_SENT)) return;
  for (const [name, value] of response.headers) {
    const before = name === "set-cookie" ? answer.getHeader(name) : undefined;
    answer.setHeader(name, before === undefined ? value : [before, value].flat());
  }
  const reader = response.body?.getReader();
  if (!reader) return void answer.writeHead(response.status).end();
  answer.once("close", () => void reader.cancel().catch(ignore));
  let piece = await reader.read();
  let next = piece.done ? undefined : reader.read();
  if (piece.value && next && await isEnd(next)) answer.setHeader("content-length", piece.value.length);
  answer.writeHead(response.status);
  while (!piece.done && !answer.destroyed) {
    if (!answer.write(piece.value)) await hasRoom(answer);
    piece = await (next ?? reader.read());
    next = undefined;
  }
  if (!answer.destroyed) answer.end();
}

/** Whether nothing more comes, as far as that is known at once: the length of such an answer can be told. */
async function isEnd(next: Promise<ReadableStreamReadResult<Uint8Array>>): Promise<boolean> {
  const later = Promise.withResolvers<false>();
  const turn = setImmediate(() => later.resolve(false));
  const isDone = await Promise.race([next.then(({ done }) => done), later.promise]);
  clearImmediate(turn);
  return isDone;
}

async function hasRoom(answer: SentAnswer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  answer.once("drain", resolve);
  answer.once("close", resolve);
  await promise;
  answer.off("drain", resolve);
  answer.off("close", resolve);
}
