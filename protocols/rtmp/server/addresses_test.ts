import { assertEquals } from "@std/assert";
import type { StreamRequest } from "../../../kernel/plugin/hooks.ts";
import { turn } from "../../../tests/support/eventually.ts";
import { deciding, TestServer } from "../../../tests/support/test_server.ts";
import { WirePeer } from "../testing_wire.ts";

const CASES: readonly {
  name: string;
  app?: string;
  tcUrl?: string;
  stream?: string;
  asked: { stream: string; key?: string };
}[] = [
  { name: "the app and the stream", asked: { stream: "live/cam" } },
  { name: "a key behind the stream", stream: "cam?key=a", asked: { stream: "live/cam", key: "a" } },
  { name: "a key behind the app", app: "live?key=a", asked: { stream: "live/cam", key: "a" } },
  { name: "a key behind tcUrl", tcUrl: "rtmp://localhost/live?key=a", asked: { stream: "live/cam", key: "a" } },
  {
    name: "a key in all places: the stream's",
    app: "live?key=b",
    tcUrl: "rtmp://localhost/live?key=c",
    stream: "cam?key=a",
    asked: { stream: "live/cam", key: "a" },
  },
  {
    name: "a key in two places: the app's",
    app: "live?key=b",
    tcUrl: "rtmp://localhost/live?key=c",
    asked: { stream: "live/cam", key: "b" },
  },
  { name: "an app with a slash at its end", app: "live/", asked: { stream: "live/cam" } },
  { name: "the stream in the app", app: "live/cam?key=a", stream: "", asked: { stream: "live/cam", key: "a" } },
  { name: "a vhost behind the stream", stream: "cam?vhost=example.com", asked: { stream: "example.com:live/cam" } },
  { name: "a vhost behind the app", app: "live?vhost=example.com", asked: { stream: "example.com:live/cam" } },
  { name: "the default vhost", stream: "cam?vhost=__defaultVhost__", asked: { stream: "live/cam" } },
];

for (const { name, app = "live", tcUrl = "rtmp://localhost/live", stream = "cam", asked } of CASES) {
  for (const command of ["publish", "play"] as const) {
    Deno.test(`a ${command} is decided by ${name}`, async () => {
      const seen: unknown[] = [];
      const see = ({ stream, session }: StreamRequest) => {
        const key = session.params.get("key");
        seen.push(key === null ? { stream } : { stream, key });
        return { deny: "seen enough" };
      };
      await using server = await TestServer.start({ plugins: [deciding((ctx) => ctx.decide(command, see))] });
      await using peer = await WirePeer.connect(server, { app, tcUrl });
      peer.say((script) => script.command(0, 4, 1, command, 0, null, stream));
      await peer.hears(command === "publish" ? "NetStream.Publish.Denied" : "NetStream.Play.Failed");
      assertEquals(seen, [asked]);
    });
  }
}

Deno.test("a connect is decided by app, vhost and key", async () => {
  const seen: unknown[] = [];
  const plugin = deciding((ctx) =>
    ctx.decide("connect", ({ app, vhost, session }) => void seen.push([app, vhost, session.params.get("key")]))
  );
  await using server = await TestServer.start({ plugins: [plugin] });
  await using _peer = await WirePeer.connect(server, { app: "live?vhost=example.com&key=a" });
  assertEquals(seen, [["live", "example.com", "a"]]);
});

Deno.test("two streams of one connection are decided by their own keys", async () => {
  const seen: unknown[] = [];
  const plugin = deciding((ctx) =>
    ctx.decide("publish", async ({ stream, session }) => {
      await turn();
      seen.push([stream, session.params.get("key")]);
    })
  );
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => {
    script.command(0, 4, 1, "publish", 0, null, "one?key=a").command(0, 4, 2, "publish", 0, null, "two?key=b");
  });
  await peer.hears("NetStream.Publish.Start", 2);
  assertEquals(seen, [["live/one", "a"], ["live/two", "b"]]);
});

Deno.test("a key of one stream does not open another of the same connection", async () => {
  const seen: unknown[] = [];
  const plugin = deciding((ctx) =>
    ctx.decide("publish", ({ stream, session }) => void seen.push([stream, session.params.get("key")]))
  );
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "publish", 0, null, "one?key=a"));
  await peer.hears("NetStream.Publish.Start");
  peer.say((script) => script.command(0, 4, 2, "publish", 0, null, "two"));
  await peer.hears("NetStream.Publish.Start", 2);
  assertEquals(seen, [["live/one", "a"], ["live/two", null]]);
});

const REFUSED: readonly { name: string; stream: string | boolean; words: string }[] = [
  { name: "no name", stream: "", words: "The stream name" },
  { name: "false for a name", stream: false, words: "The stream name" },
  { name: "a name with a dot", stream: "a.b", words: 'contains "."' },
  { name: "a name of several parts", stream: "a/b", words: 'contains "/"' },
  { name: "a vhost that is none", stream: "cam?vhost=a/b", words: "is not a host's name" },
];

for (const { name, stream, words } of REFUSED) {
  Deno.test(`publishing under ${name} is refused in words, and so is playing`, async () => {
    await using server = await TestServer.start();
    await using publisher = await WirePeer.connect(server);
    publisher.say((script) => script.command(0, 4, 1, "publish", 0, null, stream));
    await publisher.hears("NetStream.Publish.BadName");
    assertEquals(publisher.words.includes(words), true, publisher.words);
    await using player = await WirePeer.connect(server);
    player.say((script) => script.command(0, 4, 1, "play", 0, null, stream));
    await player.hears("NetStream.Play.StreamNotFound");
    assertEquals(player.words, publisher.words);
  });
}

Deno.test("keys stand in no line of the log, wherever the peer put them", async () => {
  await using server = await TestServer.start();
  const tcUrl = "rtmp://u:swordfish@localhost/live?key=swordfish";
  await using peer = await WirePeer.connect(server, { app: "live?key=swordfish", tcUrl });
  peer.say((script) => {
    script.command(0, 3, 0, "releaseStream", 2, null, "cam?key=swordfish");
    script.command(0, 4, 1, "publish", 0, null, "cam?key=swordfish");
  });
  await peer.hears("NetStream.Publish.Start");
  peer.say((script) => script.command(0, 4, 2, "publish", 0, null, "cam?key=swordfish"));
  await peer.hears("NetStream.Publish.BadName");
  await server.event("session:end");
  server.assertNeverLogged("swordfish");
});
