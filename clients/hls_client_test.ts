import { assertEquals, assertRejects } from "@std/assert";
import { ClientError } from "../kernel/client.ts";
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
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    if (asked++ === 0) return new Response("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n0.ts\n");
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) });
    return new Response(broken);
  });
  const url = `http://127.0.0.1:${server.addr.port}/live/cam.m3u8?key=sesame`;
  const lines = await written(async () => {
    const error = await assertRejects(() => HlsPullClient.connect(url, { timeoutMs: 500 }), ClientError);
    assertEquals(error.message.includes("sesame"), false);
  });
  assertEquals(lines, []);
  await server.shutdown();
});
