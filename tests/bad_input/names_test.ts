import { assert, assertEquals, assertMatch, fail } from "@std/assert";
import { jsonLinesSink, terminalSink } from "../../kernel/log/sinks.ts";
import { WirePeer } from "../../protocols/rtmp/testing_wire.ts";
import { readHead, sendRequest } from "../support/http_exchange.ts";
import { TestServer } from "../support/test_server.ts";
import { TestSocket } from "../support/test_socket.ts";
import { UPGRADE, WsClient } from "../support/transports/ws_client.ts";
import { Bystanders } from "./bystanders.ts";

const FORGED = "\r\n2026-01-01 00:00:00 INF auth: admin let in\r\n";

/** Names that nothing may have, as they are. */
const NAMES = [
  "",
  ".",
  "..",
  "...",
  "../../etc/passwd",
  "..\\..\\boot.ini",
  "a/b/c",
  "a b",
  "a\tb",
  "a\0b",
  "a\u007fb",
  "a\u0085b",
  "a%2fb",
  "%2e%2e%2f",
  "cäm",
  "摄像头",
  "cam\u202egpj",
  "cam\u200b",
  "\ud800",
  "cam.flv.flv",
  "cam#x",
  "\\[",
  "cam;rm -rf",
  "$(reboot)",
  "`reboot`",
  "<script>",
  "'\"",
  "con:",
  "x".repeat(129),
  "x".repeat(5000),
  FORGED,
  "\x1b[2J\x1b[31mred",
];

/** What could end a log line, move a terminal's cursor or turn the reading direction. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069]/;

/** Fails if a log record is more than one line, or could be mistaken for another, in either format. */
function assertNotForged({ logged }: TestServer): void {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  for (const sink of [terminalSink({ colors: false, write }), jsonLinesSink(write)]) logged.forEach(sink);
  assert(lines.length > 0, "nothing was logged");
  for (const line of lines) {
    assertMatch(line, /^[^\n]*\n$/);
    assert(!UNSAFE.test(line.slice(0, -1)), `unsafe: ${JSON.stringify(line)}`);
  }
}

Deno.test("RTMP: names outside the allowed set are refused, as streams and as apps", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using player = await WirePeer.connect(server);
  for (const [i, name] of NAMES.entries()) {
    player.say((script) => script.command(0, 4, 1, "play", 0, null, name));
    await player.hears("NetStream.Play.StreamNotFound", i + 1);
    await using publisher = await WirePeer.connect(server);
    publisher.say((script) => script.command(0, 4, 1, "publish", 0, null, name));
    await publisher.hears("NetStream.Publish.BadName");
    await publisher.socket.over();
    await using stranger = await WirePeer.connect(server, {
      app: name,
      tcUrl: `rtmp://localhost/${name}`,
      flashVer: name,
    });
    stranger.say((script) => script.command(0, 4, 1, "publish", 0, null, "c.m"));
    await stranger.hears("NetStream.Publish.BadName");
    await stranger.socket.over();
  }
  await player.socket.cut();
  await bystanders.assertUnharmed();
  assertNotForged(server);
});

/** How a name can be written into a request: escaped, escaped twice, and as it is; `../` as it is means another address. */
function spellings(name: string): string[] {
  const escaped = encodeURIComponent(name.toWellFormed());
  const raw = new TextDecoder("latin1").decode(new TextEncoder().encode(name));
  const bytewise = raw.replaceAll(/[^]/g, escapeByte);
  const spellings = [escaped, encodeURIComponent(escaped), bytewise];
  return raw.includes("../") ? spellings : [...spellings, raw, raw.replaceAll(".", "%2e")];
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

const REQUESTS: readonly ((name: string) => readonly [method: string, target: string])[] = [
  (name) => ["GET", `/live/${name}.flv`],
  (name) => ["GET", `/${name}/cam.flv`],
  (name) => ["HEAD", `/live/${name}.flv`],
  (name) => ["POST", `/live/${name}`],
  (name) => ["PUT", `/${name}/cam`],
  (name) => ["GET", `/live/cam.flv?vhost=/${name}`],
];

Deno.test("HTTP: names outside the allowed set are refused, however they are written", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  for (const name of NAMES) {
    for (const spelling of new Set(spellings(name))) {
      for (const request of REQUESTS) {
        const [method, target] = request(spelling);
        await using socket = await TestSocket.open(server.port);
        sendRequest(socket, method, target, { "User-Agent": "\x9b2J", "Content-Length": "0", "Connection": "close" });
        const head = await readHead(socket).catch(() => fail(`no answer to ${method} ${JSON.stringify(target)}`));
        assertMatch(String(head?.status), /^4\d\d$/, `${method} ${target}`);
      }
    }
  }
  await bystanders.assertUnharmed();
  assertNotForged(server);
});

Deno.test("WebSocket: names outside the allowed set are refused, however they are written", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  for (const name of NAMES) {
    for (const spelling of new Set(spellings(name))) {
      for (const target of [`/live/${spelling}.flv`, `/${spelling}/cam.flv`, `/live/${spelling}`, `/${spelling}/cam`]) {
        const { head, socket } = await WsClient.request(server.port, target, UPGRADE);
        await using _ = socket;
        if (head?.status !== 101) assertMatch(String(head?.status), /^4\d\d$/, target);
        else assertEquals((await socket.read(4)).subarray(2), Uint8Array.of(4400 >> 8, 4400 & 0xff), target);
      }
    }
  }
  await bystanders.assertUnharmed();
  assertNotForged(server);
});
