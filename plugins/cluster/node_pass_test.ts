import { assertEquals } from "@std/assert";
import { isNodePass, nodePass, type PassUse } from "./node_pass.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const USE: PassUse = { action: "play", stream: "live/cam" };
const SECRET = "what all nodes know";
const PASS = nodePass(SECRET, USE, NOW);

const CASES: readonly {
  what: string;
  pass?: string;
  secret?: string;
  use?: PassUse;
  seconds?: number;
  counts: boolean;
}[] = [
  { what: "for its use", counts: true },
  { what: "almost to the end of its time", seconds: 299, counts: true },
  { what: "of a node whose clock is ahead", seconds: -290, counts: true },
  { what: "too late", seconds: 301, counts: false },
  { what: "of a clock that is far ahead", seconds: -301, counts: false },
  { what: "with another secret", secret: "what others know", counts: false },
  { what: "for another stream", use: { ...USE, stream: "live/cam2" }, counts: false },
  { what: "for another action", use: { ...USE, action: "publish" }, counts: false },
  {
    what: "with a later end",
    pass: PASS.replace(/^[^.]+/, (text) => (parseInt(text, 36) + 1).toString(36)),
    counts: false,
  },
  { what: "that is empty", pass: "", counts: false },
  { what: "that is cut off", pass: PASS.slice(0, -1), counts: false },
  { what: "that is something else", pass: "z.z", counts: false },
];

for (const { what, pass = PASS, secret = SECRET, use = USE, seconds = 0, counts } of CASES) {
  Deno.test(`a node's pass ${what} ${counts ? "counts" : "does not count"}`, () => {
    assertEquals(isNodePass(pass, secret, use, new Date(NOW.getTime() + seconds * 1000)), counts);
  });
}
