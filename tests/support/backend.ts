import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "./eventually.ts";

/** What a backend was posted. */
export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** How a backend answers; nothing for one that hangs. */
export type Answer = { readonly status: number; readonly text?: string } | undefined;

/** A small HTTP server that somebody else runs: it can answer wrong, hang, die and come back. */
export class Backend implements AsyncDisposable {
  readonly posts: Post[] = [];
  /** How it answers; by default as every kind of hook likes it. */
  answer: (post: Post) => Answer | Promise<Answer> = () => ({ status: 200, text: '{"code":0}' });
  #server?: Server;
  #port = 0;

  static async start(): Promise<Backend> {
    const backend = new Backend();
    await backend.rise();
    return backend;
  }

  /** The address of one of its paths. */
  url(path = "/hook"): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** Comes back under the address that it had. */
  async rise(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: this.#port }, resolve);
    await promise;
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Ends with all its connections. */
  async die(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    server.closeAllConnections();
    await promise;
  }

  /** Waits for a post that is like this. */
  async got(matches: (post: Post) => boolean, what: string): Promise<Post> {
    await eventually(
      () => this.posts.some(matches),
      `${what} was not posted, but ${this.posts.map(({ text }) => text)}`,
    );
    return this.posts.find(matches)!;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.die();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request) text += piece;
    const post = { path: request.url ?? "", headers: request.headers, text, body: JSON.parse(text) };
    this.posts.push(post);
    const answer = await this.answer(post);
    if (!answer) return;
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.text ?? "");
  }
}
