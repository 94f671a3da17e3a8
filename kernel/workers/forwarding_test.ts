import { assertEquals, assertMatch } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { collectLog } from "../testing/collected_log.ts";
import { Forwarding } from "./forwarding.ts";
import type { SentHead, WorkerWord } from "./messages.ts";

/** Requests of a worker that the main isolate gives this answer, at once. */
async function exchange(head: SentHead, chunk?: Uint8Array) {
  const { log, lines } = collectLog();
  const posted: WorkerWord["type"][] = [];
  const forwarding: Forwarding = new Forwarding((message) => {
    posted.push(message.type);
    if (message.type !== "request") return;
    if (chunk) forwarding.answer(message.id, head, chunk);
    forwarding.answered(message.id, chunk ? undefined : head);
  }, log);
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
