import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Clock, systemClock } from "../../clock.ts";
import type { Logger } from "../../log/log.ts";
import { isProxied, peerOfRequest } from "../../front/peer_address.ts";
import type { Post, SentHead, SentRequest, WorkerWord } from "../messages.ts";
import { TRY_AGAIN } from "./relay.ts";

/**
 * For so long, in milliseconds, what still comes of a body is dropped after the answer: many read that only when they have
 * sent all. Who never ends is cut off, as by a server of one isolate.
 */
const REST_MS = 500;

interface Forwarded {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** The worker that answers it; undefined for the main isolate. */
  readonly home?: number;
  /** Pieces of the body that have been asked for and not got. */
  wanted: number;
}

/** Requests of this worker that the main isolate answers, or another worker. */
export class Forwarding {
  readonly #post: Post<WorkerWord>;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #requests = new Map<number, Forwarded>();
  #newest = 0;

  constructor(post: Post<WorkerWord>, log: Logger, clock: Clock = systemClock) {
    this.#post = post;
    this.#log = log;
    this.#clock = clock;
  }

  /** Sends a request on, to worker `home` if one is given; its answer is written when it comes. */
  forward(incoming: IncomingMessage, outgoing: ServerResponse, home?: number): void {
    const id = ++this.#newest;
    const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
    const forwarded: Forwarded = { incoming, outgoing, home, wanted: 0 };
    this.#requests.set(id, forwarded);
    outgoing.once("close", () => {
      if (this.#requests.delete(id)) this.#post({ type: "gone", id, home });
    });
    this.#post({ type: "request", id, home, request: sentRequest(incoming, hasBody) });
    if (hasBody) this.#readBody(id, forwarded);
  }

  /** A further piece of a request's body is wanted. */
  more(id: number): void {
    const forwarded = this.#requests.get(id);
    if (!forwarded) return;
    forwarded.wanted++;
    forwarded.incoming.resume();
  }

  /** A piece of an answer, with its head in front of the first one. */
  answer(id: number, head: SentHead | undefined, chunk: Uint8Array | undefined): void {
    const forwarded = this.#requests.get(id);
    if (!forwarded || head && !this.#begin(id, forwarded, head)) return;
    const { outgoing } = forwarded;
    if (chunk) outgoing.write(chunk, (error) => error ?? this.#taken(id));
  }

  /** An answer is complete; what of the request's body nobody has asked for is dropped. */
  answered(id: number, head: SentHead | undefined): void {
    this.answer(id, head, undefined);
    const forwarded = this.#requests.get(id);
    if (forwarded) this.#end(id, forwarded);
  }

  /** An answer breaks off. */
  break(id: number): void {
    const outgoing = this.#requests.get(id)?.outgoing;
    this.#requests.delete(id);
    outgoing?.destroy();
  }

  /** A worker is gone, and with it its answers: whoever has got nothing yet is told to try again. */
  lost(home: number): void {
    for (const [id, forwarded] of this.#requests) {
      if (forwarded.home !== home) continue;
      const { outgoing } = forwarded;
      if (outgoing.headersSent) this.break(id);
      else this.#end(id, forwarded, () => outgoing.writeHead(TRY_AGAIN.status, { ...TRY_AGAIN.headers }));
    }
  }

  /** A head that cannot be written, as with a control character in a header, fails this one request: false then. */
  #begin(id: number, forwarded: Forwarded, { status, headers }: SentHead): boolean {
    const { incoming, outgoing } = forwarded;
    try {
      outgoing.writeHead(status, { ...headers });
      return true;
    } catch (error) {
      const path = incoming.url?.split(/[?#]/, 1)[0];
      this.#log.error(`An answer cannot be written: ${error}`, { path, error });
    }
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    this.#end(id, forwarded, () => outgoing.writeHead(500));
    this.#post({ type: "gone", id, home: forwarded.home });
    return false;
  }

  #end(id: number, { incoming, outgoing }: Forwarded, writeHead = () => {}): void {
    this.#requests.delete(id);
    writeHead();
    this.#dropRest(incoming);
    outgoing.end();
  }

  #dropRest(incoming: IncomingMessage): void {
    incoming.removeAllListeners("data");
    incoming.resume();
    if (incoming.complete) return;
    const { socket } = incoming;
    const timer = this.#clock.setTimeout(() => socket.destroySoon(), REST_MS);
    for (const event of ["end", "close"]) incoming.once(event, () => timer[Symbol.dispose]());
  }

  #taken(id: number): void {
    const forwarded = this.#requests.get(id);
    if (forwarded) this.#post({ type: "taken", id, home: forwarded.home });
  }

  #readBody(id: number, forwarded: Forwarded): void {
    const { incoming, home } = forwarded;
    incoming.pause();
    incoming.on("data", (bytes: Uint8Array) => {
      const chunk = new Uint8Array(bytes);
      this.#post({ type: "body", id, home, chunk }, [chunk.buffer]);
      if (--forwarded.wanted <= 0) incoming.pause();
    });
    incoming.once("end", () => this.#post({ type: "body", id, home }));
    incoming.once("error", () => forwarded.outgoing.destroy());
  }
}

function sentRequest(incoming: IncomingMessage, hasBody: boolean): SentRequest {
  const { method = "GET", url = "/", headers, httpVersion } = incoming;
  const socket = incoming.socket as Socket & { readonly encrypted?: boolean };
  return {
    method,
    url,
    headers: { ...headers },
    httpVersion,
    remote: peerOfRequest(incoming),
    isProxied: isProxied(incoming),
    localPort: socket.localPort ?? 0,
    isEncrypted: socket.encrypted === true,
    hasBody,
  };
}
