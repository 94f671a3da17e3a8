import { assertEquals } from "@std/assert";
import { parseRtmpAddress } from "./client_address.ts";
import { serverError } from "./client_error.ts";

const CASES: readonly { name: string; stream: string; says: string; message: string }[] = [
  {
    name: "the server's words",
    stream: "cam",
    says: "Cannot publish live/cam: it has a publisher",
    message: "Cannot publish live/cam: it has a publisher",
  },
  { name: "words for a server without any", stream: "cam", says: "", message: "it gave no reason" },
  { name: "no key", stream: "cam?key=swordfish", says: "cam?key=swordfish is taken", message: "cam?*** is taken" },
  {
    name: "no key that stands alone",
    stream: "cam?key=sword%20fish",
    says: "the key 'sword fish' is wrong",
    message: "the key '***' is wrong",
  },
  {
    name: "no key that is the stream's name",
    stream: "abcd1234efgh5678",
    says: "no such stream: abcd1234efgh5678",
    message: "no such stream: ***",
  },
  {
    name: "a name that is too short for a key",
    stream: "abcd1234efgh567",
    says: "no such stream: abcd1234efgh567",
    message: "no such stream: abcd1234efgh567",
  },
  {
    name: "no key of somebody else",
    stream: "cam",
    says: "see rtmp://u:p@h/a/b?token=x",
    message: "see rtmp://***@h/a/b?***",
  },
  { name: "one line", stream: "cam", says: "no\r\n\x1b[31mentry\0", message: "no [31mentry" },
  { name: "not without end", stream: "cam", says: "x".repeat(10_000), message: "x".repeat(500) },
];

for (const { name, stream, says, message } of CASES) {
  Deno.test(`a server's refusal has ${name}`, () => {
    const address = parseRtmpAddress(`rtmp://localhost/live/${stream}`);
    const error = serverError(address, "refused", { code: "NetStream.Publish.BadName", description: says });
    assertEquals(error.message, `localhost:1935 refused: ${message} (NetStream.Publish.BadName)`);
    assertEquals(error.code, "NetStream.Publish.BadName");
  });
}

Deno.test("a server's redirect is told apart from its words", () => {
  const address = parseRtmpAddress("rtmp://localhost/live/cam");
  const redirect = "rtmp://elsewhere/live/cam?key=1";
  const error = serverError(address, "refused", { code: "Moved", description: "", redirect });
  assertEquals(error.redirect, redirect);
  assertEquals(
    error.message,
    "localhost:1935 refused: it gave no reason (Moved); it names another address to go to",
  );
});
