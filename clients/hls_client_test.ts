import { assertEquals, assertRejects } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ClientError } from "../kernel/sessions/client.ts";
import { HlsPullClient } from "./hls_client.ts";

/** What is written to the terminal meanwhile. */
async function written(during: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const before = { ...console };
  for (const way of ["log", "info", "warn", "error"] as const) console[way] = (...words) => lines.push(words.join(" "));
  try {
    await during();
  } finally {
    Object.assign(console, before);
  }
  return lines;
}

Deno.test("a server that is lost is the error's words alone: nothing else is said, and no key", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    if (asked++ === 0) return void response.end("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n0.ts\n");
    response.write("#EXTM3U\n", () => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live/cam.m3u8?key=sesame`;
  const lines = await written(async () => {
    const error = await assertRejects(() => HlsPullClient.connect(url, { timeoutMs: 500 }), ClientError);
    assertEquals(error.message.includes("sesame"), false);
  });
  assertEquals(lines, []);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await closed;
});
