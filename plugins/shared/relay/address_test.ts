import { assertEquals } from "@std/assert";
import { ClientError } from "../../../kernel/sessions/client.ts";
import { streamTemplate, templateFault, wholeTemplate, wordsOf } from "./address.ts";

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
  ["rtmp://origin/a/b", "timeout", "origin:1935 did not answer in time", `${BEHIND} does not answer`],
  ["rtmp://origin/a/b", "unreachable", "Cannot connect to 10.0.0.1:1935", `${BEHIND} cannot be reached`],
];

for (const [address, code, message, told] of FAILURES) {
  Deno.test(`players of ${address} are told "${told}"`, () => {
    assertEquals(wordsOf(new ClientError(code, message), address), told);
  });
}

Deno.test("the address of every stream at a server is its own with their names behind it", () => {
  assertEquals(streamTemplate("http://origin:8501"), "http://origin:8501/{app}/{stream}.flv");
  assertEquals(streamTemplate("ws://origin:8501/"), "ws://origin:8501/{app}/{stream}.flv");
  assertEquals(streamTemplate("rtmp://origin"), "rtmp://origin/{app}/{stream}");
  assertEquals(streamTemplate("rtmps://origin/?key=x"), "rtmps://origin/{app}/{stream}?key=x");
  assertEquals(streamTemplate("http://origin/x/{stream}.flv"), "http://origin/x/{stream}.flv");
});

Deno.test("a server that is named alone stands for all its streams, and what has a path for itself", () => {
  assertEquals(wholeTemplate("rtmp://origin/"), "rtmp://origin/{app}/{stream}");
  assertEquals(wholeTemplate("https://origin?key=x"), "https://origin/{app}/{stream}.flv?key=x");
  for (const whole of ["rtmp://origin/live/cam", "http://origin/{stream}", "ws://{app}.origin/x"]) {
    assertEquals(wholeTemplate(whole), whole);
  }
});

const NO_STREAM = "it names no stream, as in SCHEME://HOST[:PORT]/APP/STREAM";

/** Addresses that streams are to be fetched from, or sent to, and what is wrong with them. */
const TEMPLATES: readonly [template: string, fault: string | undefined][] = [
  ["rtmp://origin", undefined],
  ["rtmp://origin/{app}/{stream}?key=x", undefined],
  ["rtmp://origin/live?vhost=x/cam", undefined],
  ["http://origin/cam.flv", undefined],
  ["rtmp://origin/live", NO_STREAM],
  ["rtmps://origin/live/?key=x", NO_STREAM],
  ["http://origin/live/{stream}.m3u8", "it is a playlist of HLS, which only the command pull plays"],
  ["origin:8501", "it is no address: expected SCHEME://HOST[:PORT]/APP/STREAM"],
  ["rtmp://origin/{ap}/x", "{ap} is none of {vhost} {app} {stream}"],
];

for (const [template, fault] of TEMPLATES) {
  Deno.test(`a template: ${template} ${fault === undefined ? "is a good one" : `is none, for ${fault}`}`, () => {
    assertEquals(templateFault(template), fault);
  });
}
