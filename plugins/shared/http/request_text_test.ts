import { assertEquals, assertRejects } from "@std/assert";
import { requestText, TooLongError } from "./request_text.ts";

/** A request of so many spaces, and how many of them were taken. */
function posted(bytes: number, length?: number) {
  const taken = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = Math.min(1000, bytes - taken.bytes);
      if (piece === 0) return controller.close();
      taken.bytes += piece;
      controller.enqueue(new Uint8Array(piece).fill(32));
    },
  }, { highWaterMark: 0 });
  const headers = length === undefined ? undefined : { "content-length": String(length) };
  return { taken, request: new Request("http://localhost/", { method: "POST", body, headers }) };
}

Deno.test("a body is read up to a length, and no further", async () => {
  assertEquals((await requestText(posted(5000).request, 5000)).length, 5000);
  const long = posted(1_000_000);
  await assertRejects(() => requestText(long.request, 5000), TooLongError, "longer than 5000 bytes");
  assertEquals(long.taken.bytes <= 7000, true);
});

Deno.test("a body that says that it is too long is not read at all", async () => {
  const { request, taken } = posted(10, 6000);
  await assertRejects(() => requestText(request, 5000), TooLongError);
  assertEquals(taken.bytes, 0);
});

Deno.test("letters that lie across two pieces come whole, and no body is an empty text", async () => {
  const bytes = new TextEncoder().encode("ü€");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  assertEquals(await requestText(new Request("http://localhost/", { method: "POST", body }), 10), "ü€");
  assertEquals(await requestText(new Request("http://localhost/"), 10), "");
});
