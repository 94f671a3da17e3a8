import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { pathFault, publishAddress } from "./publish_address.ts";

Deno.test("a stream is published to the host and port that the page came from", () => {
  assertEquals(
    publishAddress(new URL("http://192.168.1.7:8501/push.html"), "live/cam", ""),
    "ws://192.168.1.7:8501/live/cam",
  );
  assertEquals(publishAddress(new URL("https://tv.example/push.html"), "live/cam", ""), "wss://tv.example/live/cam");
});

Deno.test("a key goes along whatever characters it has", () => {
  const address = publishAddress(new URL("http://tv.example/"), "live/cam", "a&b=c d#é");
  assertEquals(new URL(address).searchParams.get("key"), "a&b=c d#é");
});

for (
  const [path, fault] of [["", "needs a name"], ["cam", "two parts"], ["a/b/c", "two parts"], [
    "live/my cam",
    "letters",
  ]]
) {
  Deno.test(`"${path}" is no name for a stream, and the page says why`, () => {
    assertStringIncludes(pathFault(path) ?? "", fault);
  });
}

Deno.test("a good name has no fault", () => assertStrictEquals(pathFault("live/cam_1080-B"), undefined));
