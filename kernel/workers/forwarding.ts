import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../log/log.ts";
import { isProxied, peerOfRequest } from "../peer_address.ts";
import type { Post, SentHead, SentRequest, WorkerWord } from "./messages.ts";

interface Forwarded {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Pieces of the body that the main isolate has asked for and not got. */
  wanted: number;
}

/** Requests of this worker that the main isolate answers. */
export class Forwarding {
  readonly #post: Post<WorkerWord>;
  readonly #log: Logger;
  readonly #requests = new Map<number, Forwarded>();
  #newest = 0;

  constructor(post: Post<WorkerWord>, log: Logger) {
    this.#post = post;
    this.#log = log;
  }

  /** Sends a request on; its answer is written when it comes. */
  forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const id = ++this.#newest;
    const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
    const forwarded: Forwarded = { incoming, outgoing, wanted: 0 };
    this.#requests.set(id, forwarded);
    outgoing.once("close", () => {
      if (this.#requests.delete(id)) this.#post({ type: "gone", id });
    });
    this.#post({ type: "request", id, request: sentRequest(incoming, hasBody) });
    if (hasBody) this.#readBody(id, forwarded);
  }

  /** The main isolate wants a further piece of a request's body. */
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
    outgoing.writeHead(500);
    this.#end(id, forwarded);
    this.#post({ type: "gone", id });
    return false;
  }

  #end(id: number, { incoming, outgoing }: Forwarded): void {
    this.#requests.delete(id);
    incoming.removeAllListeners("data");
    incoming.resume();
    outgoing.end();
  }

  #taken(id: number): void {
    if (this.#requests.has(id)) this.#post({ type: "taken", id });
  }

  #readBody(id: number, forwarded: Forwarded): void {
    const { incoming } = forwarded;
    incoming.pause();
    incoming.on("data", (bytes: Uint8Array) => {
      const chunk = new Uint8Array(bytes);
      this.#post({ type: "body", id, chunk }, [chunk.buffer]);
      if (--forwarded.wanted <= 0) incoming.pause();
    });
    incoming.once("end", () => this.#post({ type: "body", id }));
    incoming.once("error", () => this.break(id));
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
