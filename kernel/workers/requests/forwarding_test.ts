import { assertEquals, assertMatch } from "@std/assert";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { patiently } from "../../../tests/support/patience.ts";
import { collectLog } from "../../testing/collected_log.ts";
import { FakeClock } from "../../testing/fake_clock.ts";
import { Forwarding } from "./forwarding.ts";
import type { SentHead, WorkerWord } from "../messages.ts";

/** Requests of a worker that the main isolate gives this answer, at once. */
async function exchange(head: SentHead, chunk?: Uint8Array) {
  const { log, lines } = collectLog();
  const posted: WorkerWord["type"][] = [];
  const forwarding: Forwarding = new Forwarding(
    (message) => {
      posted.push(message.type);
      if (message.type !== "request") return;
      if (chunk) forwarding.answer(message.id, head, chunk);
      forwarding.answered(message.id, chunk ? undefined : head);
    },
    log,
    new FakeClock(),
  );
  const server = createServer((incoming, outgoing) => forwarding.forward(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a`);
    return { status: response.status, headers: response.headers, text: await response.text(), posted, lines: lines() };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

Deno.test("an answer of the main isolate is written as it is", async () => {
  const { status, headers, text } = await exchange({ status: 201, headers: { "x-name": "a" } }, new Uint8Array([104]));
  assertEquals([status, headers.get("x-name"), text], [201, "a", "h"]);
});

for (const [what, chunk] of [["without a body", undefined], ["with a body", new Uint8Array([104])]] as const) {
  Deno.test(`an answer ${what} that has a header with a control character becomes a 500, and the log says why`, async () => {
    const bad = { status: 200, headers: { "x-good": "yes", "x-name": "a\u0001b", "content-length": "1" } };
    const { status, headers, text, posted, lines } = await exchange(bad, chunk);
    assertEquals([status, headers.get("x-good"), text], [500, null, ""]);
    assertEquals(posted, ["request", "gone"]);
    assertEquals(lines.length, 1);
    assertMatch(lines[0], /^error An answer cannot be written: .*x-name/);
  });
}

Deno.test("who goes on sending when the answer is complete has a moment for it, and is cut off then", async () => {
  const clock = new FakeClock();
  const head = { status: 404, headers: { "content-length": "0" } };
  const answer = (word: WorkerWord) => {
    if (word.type !== "request" && word.type !== "body") return;
    const isEnough = word.type === "body" ? !word.chunk : word.request.url === "/unread";
    if (isEnough) forwarding.answered(word.id, head);
    else forwarding.more(word.id);
  };
  const forwarding = new Forwarding((word) => queueMicrotask(() => answer(word)), collectLog().log, clock);
  const server = createServer((incoming, outgoing) => forwarding.forward(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const over = new Promise((resolve) => socket.once("close", resolve));
  const post = async (path: string, end: string) => {
    const answer = new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(String(bytes))));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n${end}`);
    assertMatch(await patiently(answer, () => `${path} is not answered`), /^HTTP\/1\.1 404 /);
  };
  await post("/read", "0\r\n\r\n");
  assertEquals(clock.pending, 0);
  await post("/unread", "");
  socket.write("1\r\nb\r\n");
  clock.advance(499);
  assertEquals([clock.pending, socket.closed], [1, false]);
  clock.advance(1);
  await patiently(over, () => "it may send for ever");
  await new Promise((resolve) => server.close(resolve));
});
