import { assert, assertEquals } from "@std/assert";
import type { HttpEnv } from "../../front/front.ts";
import { isProxied, peerOfRequest } from "../../front/peer_address.ts";
import { collectLog } from "../../testing/collected_log.ts";
import type { MainWord, SentHead, SentRequest } from "../messages.ts";
import { type AppFetch, WorkerRequests } from "./worker_requests.ts";

const REQUEST: SentRequest = {
  method: "GET",
  url: "/a?b=c",
  headers: { host: "example.org", accept: "text/plain" },
  httpVersion: "1.1",
  remote: { ip: "192.0.2.1", port: 5000 },
  isProxied: false,
  localPort: 8501,
  isEncrypted: false,
  hasBody: false,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Stage {
  readonly posted: MainWord[] = [];
  readonly logged = collectLog();
  readonly requests: WorkerRequests;
  #news = Promise.withResolvers<void>();

  constructor(fetch: AppFetch) {
    this.requests = new WorkerRequests((message) => this.#take(message), fetch, this.logged.log);
  }

  /** The message that comes next. */
  async next(): Promise<MainWord> {
    while (this.posted.length === 0) {
      this.#news = Promise.withResolvers();
      await this.#news.promise;
    }
    return this.posted.shift()!;
  }

  /** Takes an answer to its end, as a worker does whose client keeps up. */
  async answer(id: number): Promise<{ head?: SentHead; text: string }> {
    let [head, text]: [SentHead | undefined, string] = [undefined, ""];
    while (true) {
      const message = await this.next();
      if (message.type === "answer" || message.type === "answered") head ??= message.head;
      if (message.type === "answered") return { head, text };
      assert(message.type === "answer", `${message.type} came`);
      text += decoder.decode(message.chunk);
      this.requests.taken(id);
    }
  }

  #take(message: MainWord): void {
    this.posted.push(message);
    this.#news.resolve();
  }
}

Deno.test("a request arrives as it was, with who asks, and its answer goes back with its length", async () => {
  let seen: { request: Request; env: HttpEnv["Bindings"] } | undefined;
  const stage = new Stage((request, env) => {
    seen = { request, env };
    return new Response("hello", { status: 201, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
  });
  void stage.requests.begin(1, REQUEST);
  const { head, text } = await stage.answer(1);
  assertEquals([head?.status, text], [201, "hello"]);
  assertEquals(head?.headers["content-length"], "5");
  assertEquals(head?.headers["set-cookie"], ["a=1", "b=2"]);
  assertEquals([seen?.request.url, seen?.request.headers.get("accept")], ["http://example.org/a?b=c", "text/plain"]);
  const { incoming } = seen!.env;
  assertEquals([peerOfRequest(incoming), isProxied(incoming)], [REQUEST.remote, false]);
  assertEquals([incoming.socket.localPort, incoming.httpVersion], [8501, "1.1"]);
});

Deno.test("who is named by a proxy is known, and that a proxy has named him", async () => {
  let env: HttpEnv["Bindings"] | undefined;
  const stage = new Stage((_, given) => {
    env = given;
    return new Response(null, { status: 204 });
  });
  void stage.requests.begin(1, { ...REQUEST, isProxied: true });
  assertEquals((await stage.answer(1)).head?.status, 204);
  assertEquals([peerOfRequest(env!.incoming), isProxied(env!.incoming)], [REQUEST.remote, true]);
});

Deno.test("an answer without end goes piece by piece, the next when the last was taken", async () => {
  const pieces = new TransformStream<Uint8Array, Uint8Array>();
  const writer = pieces.writable.getWriter();
  const stage = new Stage(() => new Response(pieces.readable as ReadableStream<Uint8Array<ArrayBuffer>>));
  void stage.requests.begin(7, REQUEST);
  await writer.write(encoder.encode("one"));
  const first = await stage.next();
  assert(first.type === "answer");
  assertEquals([decoder.decode(first.chunk), first.head?.headers["content-length"]], ["one", undefined]);
  void writer.write(encoder.encode("two"));
  assertEquals(stage.posted.length, 0);
  stage.requests.taken(7);
  const second = await stage.next();
  assertEquals(second.type === "answer" && decoder.decode(second.chunk), "two");
  stage.requests.taken(7);
  void writer.close();
  assertEquals((await stage.next()).type, "answered");
});

Deno.test("a body is asked for piece by piece", async () => {
  const stage = new Stage(async (request) => new Response((await request.text()).toUpperCase()));
  void stage.requests.begin(1, { ...REQUEST, method: "POST", hasBody: true });
  const pieces = ["he", "llo"];
  while (true) {
    const message = await stage.next();
    if (message.type !== "more") {
      stage.posted.unshift(message);
      break;
    }
    const piece = pieces.shift();
    stage.requests.body(1, piece === undefined ? undefined : encoder.encode(piece));
  }
  assertEquals((await stage.answer(1)).text, "HELLO");
});

Deno.test("who answers hears that the one who has asked is gone", async () => {
  const gone = Promise.withResolvers<void>();
  const stage = new Stage(async (request) => {
    request.signal.addEventListener("abort", () => gone.resolve());
    await request.text();
    return new Response("too late");
  });
  void stage.requests.begin(1, { ...REQUEST, method: "POST", hasBody: true });
  assertEquals((await stage.next()).type, "more");
  stage.requests.gone(1);
  await gone.promise;
  assertEquals((await stage.next()).type, "break");
  assertEquals(stage.logged.lines(), []);
});

Deno.test("what is no request is answered with 400", async () => {
  const stage = new Stage(() => new Response());
  void stage.requests.begin(1, { ...REQUEST, headers: { host: "a b" } });
  assertEquals((await stage.answer(1)).head?.status, 400);
});

Deno.test("a route that fails breaks the answer off, and the log says why", async () => {
  const stage = new Stage(() => {
    throw new Error("no such luck");
  });
  void stage.requests.begin(1, REQUEST);
  assertEquals((await stage.next()).type, "break");
  assertEquals(stage.logged.lines(), ["error A request failed: Error: no such luck"]);
});

Deno.test("what is written past the context goes the same way, with headers that were set before", async () => {
  const stage = new Stage((_, { outgoing }) => {
    outgoing.setHeader("Vary", "Cookie");
    outgoing.writeHead(206, { "Content-Length": 4, "X-Empty": undefined });
    outgoing.end("past");
    return new Response(null, { headers: { "x-hono-already-sent": "true" } });
  });
  void stage.requests.begin(1, REQUEST);
  const { head, text } = await stage.answer(1);
  assertEquals([head?.status, text], [206, "past"]);
  assertEquals(head?.headers, { "vary": "Cookie", "content-length": "4" });
});
