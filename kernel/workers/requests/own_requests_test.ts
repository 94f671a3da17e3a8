import { assertEquals, assertRejects } from "@std/assert";
import { collectLog } from "../../testing/collected_log.ts";
import type { RequestWord, ToWorker } from "../messages.ts";
import { Relay } from "./relay.ts";
import { type AppFetch, WorkerRequests } from "./worker_requests.ts";

const HOME = 2;

/** The main isolate's relay, and a worker that answers what it is asked. */
class Stage {
  readonly logged = collectLog();
  /** What the worker was told, as `type`. */
  readonly told: string[] = [];
  readonly relay: Relay;
  readonly worker: WorkerRequests;
  isThere = true;

  constructor(fetch: AppFetch) {
    this.worker = new WorkerRequests((word) => this.relay.answer(structuredClone(word)), fetch, this.logged.log);
    this.relay = new Relay((worker, message) => this.#post(worker, message));
  }

  ask(path: string, init?: RequestInit): Promise<Response> {
    return this.relay.ask(new Request(`https://example.org${path}`, init), HOME);
  }

  #post(worker: number, message: ToWorker): boolean {
    if (worker !== HOME || !this.isThere) return false;
    this.told.push(message.type);
    this.worker.receive(structuredClone(message) as RequestWord);
    return true;
  }
}

Deno.test("what the program asks for comes to the worker as it was, and its answer comes back", async () => {
  const stage = new Stage(async (request, { incoming }) => {
    const seen = [request.method, request.url, request.headers.get("x-a"), await request.text(), incoming.url];
    return Response.json(seen, { status: 201, headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]] });
  });
  const answer = await stage.ask("/a?b=c", { method: "POST", headers: { "X-A": "1" }, body: "hello" });
  assertEquals([answer.status, answer.headers.getSetCookie()], [201, ["a=1", "b=2"]]);
  assertEquals(await answer.json(), ["POST", "https://example.org/a?b=c", "1", "hello", "/a?b=c"]);
});

Deno.test("a long answer comes piece by piece, as it is read", async () => {
  let made = 0;
  const stage = new Stage(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(100_000).fill(made++));
          if (made === 20) controller.close();
        },
      }, { highWaterMark: 0 }),
    )
  );
  const answer = await stage.ask("/long");
  const ahead = made;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assertEquals([ahead < 20, bytes.length, bytes[1_950_000]], [true, 2_000_000, 19]);
});

Deno.test("answers without a body have none", async () => {
  const stage = new Stage((request) => new Response(null, { status: request.url.endsWith("old") ? 304 : 404 }));
  assertEquals([(await stage.ask("/old")).status, (await stage.ask("/old")).body], [304, null]);
  assertEquals(await (await stage.ask("/none")).text(), "");
});

Deno.test("a worker that is not there, or fails, is 503 to who has got nothing, and a fault to who has got a part", async () => {
  const never = Promise.withResolvers<Response>();
  const endless = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)) }));
  const stage = new Stage((request) => request.url.endsWith("never") ? never.promise : endless());
  stage.isThere = false;
  const away = await stage.ask("/never");
  assertEquals([away.status, away.headers.get("retry-after")], [503, "1"]);
  stage.isThere = true;
  const waiting = stage.ask("/never");
  const reading = await stage.ask("/part");
  stage.relay.lost(HOME + 1);
  stage.relay.lost(HOME);
  assertEquals((await waiting).status, 503);
  await assertRejects(() => reading.text(), Error, "try again");
  stage.worker.close();
  never.resolve(new Response());
});

Deno.test("the worker hears when the program wants no answer any more", async () => {
  const stage = new Stage(() => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)) })));
  const leaving = new AbortController();
  const answer = await stage.ask("/live", { signal: leaving.signal });
  await (await stage.ask("/other")).body?.cancel();
  leaving.abort();
  await assertRejects(() => answer.text());
  assertEquals(stage.told.filter((type) => type === "gone").length, 2);
});
