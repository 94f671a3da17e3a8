import { assertEquals } from "@std/assert";
import type { SentRequest, ToWorker } from "../messages.ts";
import { Relay, relayedId } from "./relay.ts";

const REQUEST: SentRequest = {
  method: "GET",
  url: "/a",
  headers: {},
  httpVersion: "1.1",
  remote: { ip: "192.0.2.1", port: 5000 },
  isProxied: false,
  localPort: 8501,
  isEncrypted: false,
  hasBody: false,
};

/** A relay between workers of which these are there, and what each gets. */
function relayTo(...workers: number[]) {
  const got: [number, ToWorker][] = [];
  const relay = new Relay((worker, message) => workers.includes(worker) && got.push([worker, message]) > 0);
  return { relay, got };
}

Deno.test("a request goes to the stream's home, and its answer back to where it came in", () => {
  const { relay, got } = relayTo(0, 1);
  relay.request(0, { type: "request", id: 7, home: 1, request: REQUEST });
  relay.answer({ type: "answered", id: relayedId(0, 7) });
  assertEquals(got, [
    [1, { type: "request", id: relayedId(0, 7), request: REQUEST }],
    [0, { type: "answered", id: 7 }],
  ]);
});

Deno.test("who asks for what a worker has that is being replaced is told to try again", () => {
  const { relay, got } = relayTo(0);
  relay.request(0, { type: "request", id: 7, home: 1, request: REQUEST });
  relay.request(0, { type: "gone", id: 7, home: 1 });
  assertEquals(got, [[0, { type: "answered", id: 7, head: { status: 503, headers: { "retry-after": "1" } } }]]);
});
