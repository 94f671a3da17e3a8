import { assert, assertEquals, assertLess } from "@std/assert";
import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { api } from "../plugins/api/plugin.ts";
import { HttpFlvPlayClient } from "../protocols/http_flv/client.ts";
import { RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { CertificateFolder, FIRST_CERTIFICATE } from "./support/certificates.ts";
import { patiently } from "./support/patience.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { fingerprintOf, PROTOCOLS, sendTags, TlsServer, TRUSTING, untilBody } from "./support/tls_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import { readAnswer, sendRequest } from "./support/http_exchange.ts";

for (const publishing of PROTOCOLS) {
  Deno.test(`what is published over ${publishing.scheme} is played over rtmps, https and wss, all on one port`, async () => {
    await using tls = await TlsServer.start();
    const address = (scheme: string) => `${scheme}://localhost:${tls.port}/live/cam`;
    const maker = new StreamMaker();
    const publisher = await publishing.publish(address(publishing.scheme));
    await sendTags(publisher, [...maker.head(), ...maker.gop()]);
    const players = await Promise.all(PROTOCOLS.map(({ play, scheme }) => play(address(scheme))));
    const readers = players.map((player) => player[Symbol.asyncIterator]());
    for (let round = 0; round < 3; round++) {
      const gop = maker.gop();
      await sendTags(publisher, gop);
      for (const reader of readers) await untilBody(reader, gop[gop.length - 1]);
    }
    for (const player of players) await player.close();
    await publisher.close();
  });
}

Deno.test("every other port takes TLS too, beside the same without", async () => {
  await using tls = await TlsServer.start();
  const { port } = tls.server;
  const rtmpPort = tls.server.server.address("rtmp").port;
  for (const each of [port, rtmpPort]) {
    assertEquals(await tls.fingerprint(each), fingerprintOf(FIRST_CERTIFICATE.cert));
  }
  await using publisher = await RtmpPublishClient.connect(`rtmps://localhost:${rtmpPort}/live/cam`, TRUSTING);
  const maker = new StreamMaker();
  const gop = maker.gop();
  await sendTags(publisher, [...maker.head(), ...gop]);
  await using player = await HttpFlvPlayClient.connect(`http://localhost:${port}/live/cam.flv`);
  await untilBody(player[Symbol.asyncIterator](), gop[0]);
});

Deno.test("the port of TLS serves nobody without, and says so", async () => {
  await using tls = await TlsServer.start();
  for (const first of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x03"]) {
    await using socket = await TestSocket.open(tls.port);
    socket.send(first);
    await socket.over();
  }
  assert(tls.logged().includes("Refused a connection: it does not speak TLS, which this port needs"));
});

Deno.test("a TLS handshake that is garbage, or never completes, ends and harms nobody", async () => {
  await using tls = await TlsServer.start();
  await using garbage = await TestSocket.open(tls.port);
  garbage.send(`\x16\x03\x01\x00\x05${"x".repeat(50)}`);
  await garbage.over();
  await using silent = await TestSocket.open(tls.port);
  silent.send("\x16\x03\x01");
  await tls.server.settled();
  tls.server.clock.advance(30_000);
  await silent.over();
  assertEquals(await tls.fingerprint(), fingerprintOf(FIRST_CERTIFICATE.cert));
});

for (const { scheme, play } of PROTOCOLS) {
  Deno.test(`a player over ${scheme} gets at once what there is, though nothing more comes`, async () => {
    await using tls = await TlsServer.start();
    const maker = new StreamMaker();
    const gop = maker.gop();
    await using publisher = await RtmpPublishClient.connect(`rtmps://localhost:${tls.port}/live/cam`, TRUSTING);
    await sendTags(publisher, [...maker.head(), ...gop]);
    await tls.server.received("live/cam", gop[gop.length - 1]);
    const player = await play(`${scheme}://localhost:${tls.port}/live/cam`);
    await untilBody(player[Symbol.asyncIterator](), gop[gop.length - 1]);
    await player.close();
  });
}

/** A way to the server's TLS port that can be shut: what the server sends then piles up on its side. */
class Way implements AsyncDisposable {
  readonly #listener: Server;
  readonly #sockets: Socket[] = [];

  private constructor(port: number) {
    this.#listener = createServer((near) => {
      const far = connect({ host: "127.0.0.1", port });
      for (const socket of [near, far]) socket.on("error", () => {});
      near.on("data", (bytes) => void far.write(bytes)).on("close", () => far.destroy());
      far.on("data", (bytes) => void near.write(bytes)).on("close", () => near.destroy());
      this.#sockets.push(near, far);
    });
  }

  static async open(port: number): Promise<Way> {
    const way = new Way(port);
    await new Promise<void>((resolve) => way.#listener.listen(0, "127.0.0.1", () => resolve()));
    return way;
  }

  get port(): number {
    return (this.#listener.address() as { port: number }).port;
  }

  shut(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  open(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
  }
}

for (const { scheme, play } of PROTOCOLS) {
  Deno.test(`a slow player over ${scheme} jumps to a key, and what it does not take does not pile up`, async () => {
    await using tls = await TlsServer.start({ config: { buffer: { bytes: 2 ** 20 } } });
    await using way = await Way.open(tls.port);
    const maker = new StreamMaker({ keyBytes: 160_000 });
    await using publisher = await RtmpPublishClient.connect(`rtmps://localhost:${tls.port}/live/cam`, TRUSTING);
    await sendTags(publisher, [...maker.head(), ...maker.gop()]);
    const fast = await RtmpPlayClient.connect(`rtmps://localhost:${tls.port}/live/cam`, TRUSTING);
    const fastReader = fast[Symbol.asyncIterator]();
    await tls.players(1);
    const slow = await play(`${scheme}://localhost:${way.port}/live/cam`);
    const [, session] = await tls.players(2);
    way.shut();
    let sent = 0;
    while (sent < 24 * 2 ** 20) {
      const gop = maker.gop();
      await sendTags(publisher, gop);
      await untilBody(fastReader, gop[gop.length - 1]);
      for (const { body } of gop) sent += body.length;
    }
    assertLess(session.bytesOut, sent / 2);
    way.open();
    const last = maker.gop();
    await sendTags(publisher, last);
    await untilBody(slow[Symbol.asyncIterator](), last[last.length - 1]);
    await slow.close();
    await fast.close();
    await tls.server.event("play:end", ({ skips, session: { id } }) => id === session.id && skips > 0);
  });
}

Deno.test("whether there is TLS at all takes a new start to change", async () => {
  await using server = await TestServer.start();
  await using files = await CertificateFolder.make();
  const { cert, key } = files;
  const report = await server.server.reload({ ...server.server.config, tls: { certificates: [{ cert, key }] } });
  assertEquals(report, { changed: [], restart: ["tls.certificates"] });
});

/** Asks over a connection of its own, as somebody at this address, through a proxy of this machine. */
async function askedFrom(server: TestServer, ip: string, method: string, more: Record<string, string> = {}) {
  await using socket = await TestSocket.open(server.port);
  socket.send(`PROXY TCP4 ${ip} 192.0.2.1 5000 80\r\n`);
  sendRequest(socket, method, "/nothing/here/at/all?a=1", { Host: "media.example:8501", ...more });
  return await readAnswer(socket);
}

Deno.test("HTTP requests from elsewhere are sent to HTTPS when that is wanted", async () => {
  const proxy = { trusted: ["127.0.0.1"], protocol: "optional" };
  await using tls = await TlsServer.start({ config: { tls: { redirect: true }, proxy } });
  const answers = [
    await askedFrom(tls.server, "203.0.113.9", "GET"),
    await askedFrom(tls.server, "203.0.113.9", "POST", { "Content-Length": "0" }),
    await askedFrom(tls.server, "127.0.0.1", "GET"),
  ];
  assertEquals(answers.map(({ status }) => status), ["301", "308", "404"]);
  const location = `https://media.example:${tls.port}/nothing/here/at/all?a=1`;
  assertEquals(answers.slice(0, 2).map(({ message }) => message), [location, location]);
});

Deno.test("behind TLS everybody has the address that the connection, or the PROXY header before it, says", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const config = { dataDir, proxy: { trusted: ["127.0.0.1"], protocol: "optional" } };
    await using tls = await TlsServer.start({ late: [api()], config });
    const statuses: (string | undefined)[] = [];
    for (const start of ["", "PROXY TCP4 203.0.113.9 192.0.2.1 5000 443\r\n"]) {
      const raw = connect({ host: "127.0.0.1", port: tls.port });
      if (start) raw.write(start);
      const socket = connectTls({ socket: raw, servername: "localhost", ca: TRUSTING.tls?.ca });
      const head = Promise.withResolvers<string>();
      socket.on("data", (bytes: Uint8Array) => head.resolve(new TextDecoder().decode(bytes)));
      socket.on("error", head.reject);
      socket.write("GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\n\r\n");
      statuses.push((await patiently(head.promise, () => "no answer came")).slice(9, 12));
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.destroy();
      raw.destroy();
      await closed;
    }
    assertEquals(statuses, ["200", "401"]);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
