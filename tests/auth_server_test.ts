import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { hashSecret } from "../plugins/auth/secrets/stored_secret.ts";
import { signedQuery } from "../plugins/auth/ways/signed_address.ts";
import { demo } from "../plugins/demo/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { issueViewerPass, type PassIssuer, VIEWER_PASS_NAME } from "../plugins/shared/viewer_pass.ts";
import { RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { eventually } from "./support/eventually.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";
import { httpGet } from "./support/http_get.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import { Refused } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

const SECRET = "S3CR3T of signatures, long enough";

function start(settings: Record<string, unknown>, late: readonly Plugin[] = [hls()]): Promise<TestServer> {
  return TestServer.start({ plugins: [auth()], late, config: { auth: settings, graceSeconds: 0 } });
}

function lines(server: TestServer): string[] {
  return server.logged.filter(({ category }) => category.includes("auth"))
    .map(({ level, message }) => `${level} ${message.join("")}`);
}

Deno.test("the start says in one line that anyone may publish, and nothing once that is settled", async () => {
  await using open = await start({});
  assertEquals(lines(open), [
    "info Anyone may publish: who may is said by the setting auth.publish.keys, or another of auth",
  ]);
  await using playersOnly = await start({ play: { keys: { "*": await hashSecret("sesame") } } });
  assertEquals(lines(playersOnly).length, 1);
  await using keys = await start({ publish: { keys: { "*": await hashSecret("sesame") } } });
  await using addresses = await start({ publish: { allowIps: ["127.0.0.1"] } });
  assertEquals([lines(keys), lines(addresses)], [[], []]);
});

Deno.test("the start warns once of all keys and passwords that stand in the settings as they are, without showing them", async () => {
  await using server = await start({
    publish: { keys: { "live/a": "sesame", "live/b": [await hashSecret("sesame"), "sesame 2"] } },
    play: { keys: { "*": await hashSecret("sesame") } },
    users: { ann: { password: "sesame", play: ["*"] }, bob: { password: await hashSecret("sesame"), play: ["*"] } },
  });
  assertEquals(lines(server), [
    "warning Anyone who reads the settings has the key to publish live/a, the key to publish live/b, the password of ann:" +
    ' the command "keys KEY" makes a hash to put there',
  ]);
  server.assertNeverLogged("sesame");
});

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: who guesses keys is banned, and told so before anything else`, async () => {
    await using server = await start({ publish: { keys: { "*": "sesame" } }, bruteForce: { failures: 3, exempt: [] } });
    for (const key of ["a", "b", "c"]) {
      const { status } = await assertRejects(() => transport.publish(server, "live/cam", { key }), Refused);
      assertEquals(status, transport.refused.publish.unauthorized);
    }
    const banned = await assertRejects(() => transport.publish(server, "live/cam", { key: "sesame" }), Refused);
    const { connect, publish } = transport.refused;
    assertEquals(banned.status, transport.name === "rtmp" ? connect : publish["too-many"]);
    assertStringIncludes(banned.message, "Too many wrong credentials from your address: try again in 600 s");
    server.clock.advance(600_000);
    await using _publisher = await transport.publish(server, "live/cam", { key: "sesame" });
  });

  Deno.test(`${transport.name}: the same key takes a stream over, another one that is as good does not`, async () => {
    await using server = await start({ publish: { keys: { "live/*": ["sesame", "another"] } } });
    await using first = await transport.publish(server, "live/cam", { key: "sesame" });
    const { message } = await assertRejects(() => transport.publish(server, "live/cam", { key: "another" }), Refused);
    assertStringIncludes(message, "it has a publisher");
    await using _second = await transport.publish(server, "live/cam", { key: "sesame" });
    assertEquals((await first.over()).status, transport.publisherEnds.replaced);
  });
}

Deno.test("a player who guesses is banned as a publisher is", async () => {
  await using server = await start({ play: { keys: { "*": "sesame" } }, bruteForce: { failures: 2, exempt: [] } });
  for (const key of ["a", "b"]) {
    await assertRejects(() => rtmpTransport.play(server, "live/cam", { key }), Refused, "the key is wrong");
  }
  await assertRejects(() => rtmpTransport.play(server, "live/cam", { key: "sesame" }), Refused, "Too many wrong");
});

Deno.test("encoders put a key behind the stream, the app or both", async () => {
  await using server = await start({ publish: { keys: { "live/*": "sesame" } } });
  const base = `rtmp://127.0.0.1:${server.server.address("rtmp").port}`;
  for (const path of ["live/cam?key=sesame", "live/cam?x=1&key=sesame", "live?key=sesame/cam"]) {
    const client = await RtmpPublishClient.connect(`${base}/${path}`);
    await client.close();
  }
});

async function get(server: TestServer, target: string, headers: Record<string, string> = {}) {
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", target, headers);
  return await readHead(socket);
}

Deno.test("HTTP says how one may say who one is: by name and password where there are users, else by a token", async () => {
  const challenge = async (settings: Record<string, unknown>, path: string) => {
    await using server = await start(settings);
    const head = await get(server, path);
    return [head?.status, head?.headers.get("www-authenticate")];
  };
  const users = { ann: { password: "x", play: ["*"] } };
  for (const path of ["/live/cam.flv", "/hls/live/cam/index.m3u8"]) {
    assertEquals(await challenge({ play: { keys: { "*": "x" } } }, path), [401, 'Bearer realm="Sluice"']);
    assertEquals(await challenge({ users }, path), [401, 'Basic realm="Sluice", charset="UTF-8"']);
    assertEquals(await challenge({ play: { denyIps: ["127.0.0.1"] } }, path), [403, null]);
  }
});

/** A program that decides, on a free port. */
function decider(status: () => number) {
  const asked: Record<string, string>[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.push(await request.json());
    return new Response(null, { status: status() });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  return { asked, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: another program decides, and nobody is let in when it fails`, async () => {
    let status = 200;
    await using program = decider(() => status);
    await using server = await start({ ask: { url: program.url, for: ["connect", "publish"], cacheSeconds: 0 } });
    {
      await using _ = await transport.publish(server, "live/cam", { key: "sesame", user: "ann", pass: "x" });
    }
    const [connect, publish] = program.asked;
    assertEquals([connect.action, publish.action], ["connect", "publish"]);
    const { protocol, path, user, password, ip, query } = publish;
    assertEquals([protocol, path, user, password, ip], [transport.name, "live/cam", "ann", "x", "127.0.0.1"]);
    assertEquals(query, "key=sesame&user=ann&pass=x");
    const refused = async () => (await assertRejects(() => transport.publish(server, "live/cam"), Refused)).message;
    status = 403;
    assertStringIncludes(await refused(), "Cannot connect: you may not connect");
    status = 500;
    assertStringIncludes(await refused(), "The server cannot find out who may connect: try again");
    server.assertNeverLogged("sesame");
  });
}

Deno.test("what runs in the process has no address that could be refused, and needs a key like everybody", async () => {
  const settings = { publish: { allowIps: ["192.0.2.7"], keys: { "live/*": "sesame" } } };
  await using with_ = await start(settings, [demo({ key: "sesame" })]);
  await with_.event("stream:start");
  await using without = await start(settings, [demo()]);
  const isRefused = () => without.logged.some(({ message }) => /^The demo .* needs a key$/.test(message.join("")));
  await eventually(isRefused, "the demo was not refused");
  assertEquals(without.server.streams.size, 0);
});

/** Publishes enough for a playlist, and keeps on being there. */
async function publishedForHls(server: TestServer) {
  const publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gops(20)]);
  return { maker, publisher };
}

async function playlist(server: TestServer, query: string, agent = "player", file = "index.m3u8") {
  const headers = { "User-Agent": agent };
  const { status, text } = await httpGet(server.port, `/hls/live/cam/${file}${query && `?${query}`}`, { headers });
  return { status, text, uris: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")) };
}

Deno.test("hls: a viewer's right is inherited: the playlists go on when a signed address has expired, for who watches", async () => {
  await using server = await start({ signing: { secret: SECRET, for: ["play"] } });
  const { publisher } = await publishedForHls(server);
  await using _ = publisher;
  const expires = server.clock.date().getTime() / 1000 + 5;
  const query = String(signedQuery(SECRET, { action: "play", stream: "live/cam", expires }));
  const { uris: [media] } = await playlist(server, query);
  const [file, mediaQuery] = media.split("?");
  for (let at = 0; at < 4; at++) {
    assertEquals((await playlist(server, mediaQuery, "player", file)).status, 200);
    server.clock.advance(4000);
  }
  assertEquals((await playlist(server, query, "somebody else")).status, 401);
  assertEquals((await playlist(server, "", "somebody else", file)).status, 401);
});

Deno.test("hls: segments have the same addresses for all viewers, and names that nobody guesses", async () => {
  await using server = await start({ play: { keys: { "live/*": ["sesame", "another"] } } });
  const { publisher } = await publishedForHls(server);
  await using _ = publisher;
  const segments = async (key: string) => {
    const { uris: [media] } = await playlist(server, `key=${key}`, key);
    const [file, query] = media.split("?");
    return (await playlist(server, query, key, file)).uris;
  };
  const [ones, others] = [await segments("sesame"), await segments("another")];
  assertEquals(ones, others);
  for (const uri of ones) assertMatch(uri, /^[0-9a-f]{12}-/);
});

Deno.test("hls: a pass lets a viewer in again from elsewhere, for its stream and its time", async () => {
  let issuer!: PassIssuer;
  const booth = definePlugin({ name: "booth", setup: (ctx) => void (issuer = ctx) });
  await using server = await start({ play: { keys: { "*": "sesame" } } }, [hls(), booth()]);
  const { publisher } = await publishedForHls(server);
  await using _ = publisher;
  const pass = (stream: string) => `${VIEWER_PASS_NAME}=${issueViewerPass(issuer, stream)}`;
  const [mine, other] = [pass("live/cam"), pass("live/other")];
  assertEquals((await playlist(server, mine, "a")).status, 200);
  assertEquals((await playlist(server, other, "b")).status, 401);
  server.clock.advance(600_000);
  assertEquals((await playlist(server, mine, "c")).status, 401);
  server.assertNeverLogged(mine.slice(VIEWER_PASS_NAME.length + 1));
});
