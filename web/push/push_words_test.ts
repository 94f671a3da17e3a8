import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { captureFault, describePublication, publishObstacle } from "./push_words.ts";

Deno.test("a stream is on air when the server lists it, and not before", () => {
  const status = { phase: "open" } as const;
  assertEquals(describePublication({ status, isListed: false }).label, "Connecting");
  assertEquals(describePublication({ status, isListed: true }), { tone: "live", label: "On air" });
});

Deno.test("a refusal is said in the server's words alone", () => {
  const status = { phase: "refused", words: "That is not the key of live/cam" } as const;
  assertEquals(describePublication({ status, isListed: true }), {
    tone: "trouble",
    label: "Refused",
    title: "That is not the key of live/cam",
  });
});

Deno.test("a break is said to be mended by itself, also during the next try", () => {
  for (const phase of ["waiting", "connecting"] as const) {
    const { title } = describePublication({ status: { phase, words: "The server is restarting" }, isListed: false });
    assertEquals(title, "The server is restarting. Trying again…");
  }
});

Deno.test("what is missing is named: a secure page, or a browser that encodes", () => {
  const scope = { isSecureContext: true, VideoEncoder: 1, AudioEncoder: 1, AudioWorkletNode: 1 };
  assertStrictEquals(publishObstacle(scope), undefined);
  assertStringIncludes(publishObstacle({ ...scope, isSecureContext: false })!.detail, "HTTPS");
  assertStringIncludes(publishObstacle({ isSecureContext: true })!.title, "cannot encode");
});

Deno.test("a device that is not given is explained", () => {
  assertStringIncludes(captureFault(new DOMException("x", "NotAllowedError")), "allowed");
  assertStringIncludes(captureFault(new DOMException("x", "NotFoundError")), "no such device");
  assertEquals(captureFault(new Error("odd")), "odd");
});
