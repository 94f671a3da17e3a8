import { assertEquals } from "@std/assert";
import { HttpHead } from "./http_head.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n";
const STREAM = "FLV\r\n\r\n\u0001";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("what lies behind the head is given back, wherever the answer is cut", () => {
  const answer = bytes(HEAD + STREAM);
  for (let cut = 0; cut <= answer.length; cut++) {
    const head = new HttpHead(200);
    const rest = [answer.subarray(0, cut), answer.subarray(cut)].map((piece) =>
      new TextDecoder().decode(head.read(piece))
    );
    assertEquals(rest.join(""), STREAM, `cut at ${cut}`);
    assertEquals(head.fault, undefined);
  }
});

Deno.test("another status is a fault, and nothing of it counts as a stream", () => {
  const head = new HttpHead(101);
  assertEquals(head.read(bytes(HEAD + STREAM)).length, 0);
  assertEquals(head.fault, "the server answered HTTP/1.1 200 OK");
});
