import { assertEquals } from "@std/assert";
import { lines } from "./lines.ts";

const TEXT = new TextEncoder().encode("one\n\nthree ≠ drei\nunfinished");

Deno.test("lines are the same wherever the stream is cut", async () => {
  for (let cut = 0; cut <= TEXT.length; cut++) {
    const found = await Array.fromAsync(lines(ReadableStream.from([TEXT.slice(0, cut), TEXT.slice(cut)])));
    assertEquals(found, ["one", "", "three ≠ drei"], `cut at ${cut}`);
  }
});
