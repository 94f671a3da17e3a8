import { assertEquals } from "@std/assert";
import { ClientError } from "../../../kernel/sessions/client.ts";
import type { RefusalCode } from "../../../kernel/reasons.ts";
import { refusalFor } from "./refusal.ts";

const ADDRESS = "http://origin:8501/live/cam.flv?key=sesame";

const FAILURES: readonly [failure: Error, code: RefusalCode, words: string][] = [
  [
    new ClientError("unreachable", "origin is not there"),
    "unreachable",
    "the server behind this one cannot be reached",
  ],
  [new ClientError("lost", "it broke"), "unreachable", "the server behind this one cannot be reached"],
  [new ClientError("protocol", "what is that?"), "unreachable", "the server behind this one cannot be reached"],
  [new TypeError("a fault"), "unreachable", "the server behind this one cannot be reached"],
  [new ClientError("timeout", "origin is silent"), "no-answer", "the server behind this one does not answer"],
  [new ClientError("404", "Nobody publishes live/cam"), "not-live", "Nobody publishes live/cam"],
  [new ClientError("4404", "Nobody publishes live/cam"), "not-live", "Nobody publishes live/cam"],
  [new ClientError("NetStream.Play.StreamNotFound", "no"), "not-live", "no"],
  [new ClientError("401", "Who are you?"), "denied", "Who are you?"],
  [new ClientError("4403", "Not you"), "denied", "Not you"],
  [new ClientError("NetStream.Play.Failed", "Not you"), "denied", "Not you"],
  [new ClientError("500", "It failed"), "unreachable", "It failed"],
  [new ClientError("502", "Its own is down"), "unreachable", "Its own is down"],
  [new ClientError("4502", "Its own is down"), "unreachable", "Its own is down"],
  [new ClientError("NetStream.Failed", "Its own is down"), "unreachable", "Its own is down"],
  [new ClientError("504", "Its own is silent"), "no-answer", "Its own is silent"],
  [new ClientError("4504", "Its own is silent"), "no-answer", "Its own is silent"],
];

for (const [failure, code, words] of FAILURES) {
  const name = failure instanceof ClientError ? failure.code : failure.name;
  Deno.test(`players of a stream whose server fails by ${name} are refused as ${code}`, () => {
    const refusal = refusalFor(failure, ADDRESS);
    assertEquals([refusal.code, refusal.message, refusal.cause], [code, words, failure]);
  });
}
