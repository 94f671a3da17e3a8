import { assertEquals, assertMatch } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { elsewhere, idOf, keyOfStream, nodeAddressFault, playAddress, publishAddress } from "./addresses.ts";
import { NodeSecrets } from "./node_secrets.ts";

const KEY = { vhost: "_", app: "live", name: "cam" };
const ASKER = { id: "me", secrets: new NodeSecrets(new FakeClock()) };

Deno.test("a stream is asked for at once or not at all, with all its tracks and the way so far", () => {
  const url = new URL(playAddress("http://10.0.0.5:8501", KEY, ["a"], ASKER));
  assertEquals(`${url.origin}${url.pathname}`, "http://10.0.0.5:8501/live/cam.flv");
  assertEquals(Object.fromEntries(url.searchParams), { wait: "0", tracks: "all", hops: "a,me" });
});

Deno.test("a secret becomes a pass, and a vhost stays one", () => {
  const asker = { ...ASKER, secrets: new NodeSecrets(new FakeClock(), "what all nodes know") };
  const url = new URL(publishAddress("https://b", { ...KEY, vhost: "example.com" }, [], asker));
  assertEquals([url.pathname, url.searchParams.get("vhost"), url.searchParams.get("hops")], [
    "/live/cam",
    "example.com",
    "me",
  ]);
  assertMatch(url.searchParams.get("node")!, /^\w+\.[\w-]{43}$/);
  assertEquals(url.href.includes("what"), false);
});

for (
  const [text, isGood] of [
    ["http://10.0.0.5:8501", true],
    ["https://node.example.com", true],
    ["http://[2001:db8::1]:8501/", true],
    ["rtmp://10.0.0.5", false],
    ["http://10.0.0.5/live", false],
    ["http://user@10.0.0.5", false],
    ["10.0.0.5:8501", false],
    ["", false],
  ] as const
) {
  Deno.test(`"${text}" is ${isGood ? "an" : "no"} address of a node`, () => {
    assertEquals(nodeAddressFault(text) === undefined, isGood);
  });
}

Deno.test("a node is named by its address", () => {
  const ids = {
    "http://10.0.0.5:8501": "10.0.0.5-8501",
    "http://[2001:db8::1:2]:8501": "2001-db8--1-2--8501",
    "http://[2001:db8:0:1::2]:8501": "2001-db8-0-1--2--8501",
    "http://[2001:db8:1::2]:8501": "2001-db8-1--2--8501",
  };
  for (const [address, id] of Object.entries(ids)) assertEquals(idOf(address), id);
});

for (
  const [id, key] of [
    ["live/cam", KEY],
    ["example.com:live/cam", { ...KEY, vhost: "example.com" }],
    ["live", undefined],
    ["live/../cam", undefined],
    ["a b/c", undefined],
  ] as const
) {
  Deno.test(`the key of the stream "${id}"`, () => assertEquals(keyOfStream(id), key));
}

Deno.test("a peer is sent to the first address that its protocol can go to", () => {
  const servers = ["rtmp://a", "https://b", "http://c"];
  const to = (protocol: string) => elsewhere(servers, protocol, "/live/cam", new URLSearchParams({ key: "k" }));
  assertEquals([to("rtmp"), to("http-flv"), to("ws-flv")], [
    "rtmp://a/live/cam?key=k",
    "https://b/live/cam?key=k",
    "https://b/live/cam?key=k",
  ]);
  assertEquals(elsewhere(["rtmp://a"], "http-flv", "/x", new URLSearchParams()), undefined);
});
