import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { FailureKind } from "./connection.ts";
import type { Phase, PlayerStatus } from "./live_player.ts";
import { describe } from "./player_words.ts";

const path = "live/demo";
const stream = {
  path,
  app: "live",
  name: "demo",
  state: "live",
  since: "2026-01-01T00:00:00.000Z",
  viewers: 1,
  video: null,
  audio: null,
  publisher: true,
} as const;
const failed = (kind: FailureKind, detail = ""): PlayerStatus => ({
  phase: "failed",
  path,
  failure: { kind, detail },
  isInformed: true,
});

Deno.test("while it plays, the picture speaks for itself", () => {
  assertEquals(describe({ phase: "playing", path, stream, isInformed: true }), { tone: "live", label: "Live" });
});

Deno.test("in every other phase there is a title", () => {
  const phases: Phase[] = ["idle", "connecting", "stalled", "resting", "ended"];
  for (const phase of phases) assert(describe({ phase, path, stream, isInformed: true }).title, phase);
});

Deno.test("connecting to a stream that is not live says so instead of turning for ever", () => {
  assertEquals(describe({ phase: "connecting", path, isInformed: true }).label, "Offline");
  assertEquals(describe({ phase: "connecting", path, isInformed: false }).label, "Connecting");
  assertEquals(describe({ phase: "connecting", path, stream, isInformed: true }).label, "Connecting");
});

Deno.test("a picture that stands because the publisher is gone is called interrupted", () => {
  const interrupted = { ...stream, state: "interrupted" } as const;
  assertEquals(describe({ phase: "stalled", path, stream: interrupted, isInformed: true }).label, "Interrupted");
  assertEquals(describe({ phase: "stalled", path, stream, isInformed: true }).label, "Buffering");
});

Deno.test("a refusal is told in the server's words", () => {
  assertEquals(describe(failed("refused", "This stream needs a key")).detail, "This stream needs a key");
});

Deno.test("a browser that lacks the codec is told which, one that lacks MSE which browsers have it", () => {
  assertStringIncludes(describe(failed("unplayable", "H.265")).title!, "H.265");
  assertStringIncludes(describe(failed("unplayable")).detail!, "iOS 17.1");
});

for (const kind of ["full", "lost", "upstream", "broken"] as const) {
  Deno.test(`${kind} is said to be tried again by itself`, () => {
    assertStringIncludes(describe(failed(kind)).detail!, "Trying again");
  });
}
