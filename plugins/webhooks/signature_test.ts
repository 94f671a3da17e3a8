import { assertEquals, assertNotEquals } from "@std/assert";
import { signatureOf } from "./signature.ts";

Deno.test("a signature is the HMAC-SHA256 of time and body", async () => {
  const signature = signatureOf('{"a":1}', "a secret of ours", 1_767_225_600_999);
  const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature)!;
  assertEquals(seconds, "1767225600");
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode("a secret of ours"), algorithm, false, ["verify"]);
  assertEquals(
    await crypto.subtle.verify("HMAC", key, Uint8Array.fromHex(hex), encoder.encode(`${seconds}.{"a":1}`)),
    true,
  );
});

Deno.test("another body, time or secret has another signature", () => {
  const all = [
    signatureOf("a", "secret-1", 0),
    signatureOf("b", "secret-1", 0),
    signatureOf("a", "secret-1", 1000),
    signatureOf("a", "secret-2", 0),
  ];
  assertEquals(new Set(all).size, 4);
  assertNotEquals(all[0], "");
});
