import { assertEquals } from "@std/assert";
import { ClientError } from "../../../kernel/client.ts";
import { wordsOf } from "./address.ts";

const BEHIND = "the server behind this one";

/** What clients of each protocol say of a server, and what its players are told. */
const FAILURES: readonly [address: string, code: string, message: string, told: string][] = [
  ["rtmp://origin/a/b?key=x", "NetStream.Play.StreamNotFound", "origin:1935 says: no", `${BEHIND} says: no`],
  ["rtmp://10.0.0.1:19/a/b", "NetStream.Play.Failed", "10.0.0.1:19 refused: no (x)", `${BEHIND} refused: no (x)`],
  [
    "http://origin:8501/a/b.flv",
    "404",
    "http://origin:8501/a/b.flv refused: none (404)",
    `${BEHIND} refused: none (404)`,
  ],
  ["wss://origin/a/b.flv", "4403", "wss://origin/a/b.flv: closed: no", `${BEHIND}: closed: no`],
  ["rtmp://origin/a/b", "unreachable", "Cannot connect to 10.0.0.1:1935", `${BEHIND} cannot be reached`],
];

for (const [address, code, message, told] of FAILURES) {
  Deno.test(`players of ${address} are told "${told}"`, () => {
    assertEquals(wordsOf(new ClientError(code, message), address), told);
  });
}
