import { assertEquals } from "@std/assert";
import { addressAt, serverFor } from "./other_server.ts";

for (
  const [protocol, servers, found] of [
    ["rtmp", ["http://a", "rtmp://b", "rtmp://c"], "rtmp://b"],
    ["rtmp", ["rtmps://a"], "rtmps://a"],
    ["http-flv", ["rtmp://a", "https://b", "http://c"], "https://b/"],
    ["ws-flv", ["no address", "http://c"], "http://c/"],
    ["http-flv", ["rtmp://a"], undefined],
    ["rtmp", [], undefined],
  ] as const
) {
  Deno.test(`of [${servers.join(", ")}] peers of ${protocol} can go to ${found ?? "none"}`, () => {
    assertEquals(serverFor(servers, protocol)?.href, found);
  });
}

Deno.test("an address at a server has its scheme, host and port, and a query when there is one", () => {
  const server = new URL("http://b:8501/below?x=1");
  assertEquals(addressAt(server, "/live/cam"), "http://b:8501/live/cam");
  assertEquals(addressAt(server, "/live/cam", new URLSearchParams()), "http://b:8501/live/cam");
  assertEquals(addressAt(server, "/live/cam", new URLSearchParams({ key: "k" })), "http://b:8501/live/cam?key=k");
});
