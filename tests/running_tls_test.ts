import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type PeerCertificate } from "node:tls";
import type { ClientOptions, PullClient, PushClient } from "../kernel/client.ts";
import { CERTIFICATE_CHECK_MS } from "../kernel/certificate.ts";
import type { Session } from "../kernel/session.ts";
import { api } from "../plugins/api/plugin.ts";
import type { MediaPacket } from "../media/packet.ts";
import { HttpFlvPlayClient, HttpFlvPublishClient } from "../protocols/http_flv/client.ts";
import { RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { WsFlvPlayClient, WsFlvPublishClient } from "../protocols/ws_flv/client.ts";
import { CertificateFolder, certificateFor, FIRST_CERTIFICATE, SECOND_CERTIFICATE } from "./support/certificates.ts";
import { eventually } from "./support/eventually.ts";
import { hasBodyOf } from "./support/packets.ts";
import { patiently } from "./support/patience.ts";
import { StreamMaker, type Tag } from "./support/stream_maker.ts";
import { TestServer, type TestServerOptions } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import { readAnswer, sendRequest } from "./support/http_exchange.ts";

const ANY_PORT = { host: "127.0.0.1", port: 0 };

const TRUSTING: ClientOptions = { tls: { ca: [FIRST_CERTIFICATE.cert, SECOND_CERTIFICATE.cert] } };

interface Protocol {
  readonly scheme: string;
  publish(address: string, options?: ClientOptions): Promise<PushClient>;
  play(address: string, options?: ClientOptions): Promise<PullClient>;
}

const PROTOCOLS: readonly Protocol[] = [
  {
    scheme: "rtmps",
    publish: (address, options = TRUSTING) => RtmpPublishClient.connect(address, options),
    play: (address, options = TRUSTING) => RtmpPlayClient.connect(address, options),
  },
  {
    scheme: "https",
    publish: (address, options = TRUSTING) => HttpFlvPublishClient.connect(address, options),
    play: (address, options = TRUSTING) => HttpFlvPlayClient.connect(`${address}.flv`, options),
  },
  {
    scheme: "wss",
    publish: (address, options = TRUSTING) => WsFlvPublishClient.connect(address, options),
    play: (address, options = TRUSTING) => WsFlvPlayClient.connect(`${address}.flv`, options),
  },
];

/** A server with TLS; its files are removed with it. */
class TlsServer implements AsyncDisposable {
  private constructor(readonly server: TestServer, readonly files: CertificateFolder) {}

  static async start(options: TestServerOptions = {}): Promise<TlsServer> {
    const files = await CertificateFolder.make();
    const { cert, key } = files;
    const tls = { ...ANY_PORT, cert, key, ...options.config?.tls as object };
    const config = { publishTimeoutSeconds: 3600, ...options.config, tls };
    return new TlsServer(await TestServer.start({ ...options, config }), files);
  }

  get port(): number {
    return this.server.server.address("https").port;
  }

  /** Lets the server look at its files until it has said this. */
  async said(words: RegExp): Promise<void> {
    const hasSaid = () => this.logged().some((line) => words.test(line));
    await eventually(() => {
      if (!hasSaid()) this.server.clock.advance(CERTIFICATE_CHECK_MS);
      return hasSaid();
    }, `never said ${words}`);
  }

  /** Waits for so many players, and gives their sessions. */
  async players(count: number): Promise<Session[]> {
    const sessions = () => this.server.told.flatMap((told) => told.name === "play:start" ? [told.event.session] : []);
    await eventually(() => sessions().length === count, `there are not ${count} players`);
    return sessions();
  }

  logged(): string[] {
    return this.server.logged.map(({ message }) => message.join(""));
  }

  /** The certificate that a new connection is given, by its fingerprint. */
  async fingerprint(port: number = this.port): Promise<string> {
    return (await certificateOf(port, { servername: "localhost", ca: TRUSTING.tls?.ca })).fingerprint256;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.files[Symbol.asyncDispose]();
  }
}

function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256;
}

/** Reads until a packet with this body has come. */
async function untilBody(player: AsyncIterator<MediaPacket, undefined>, tag: Tag): Promise<void> {
  const isTag = hasBodyOf(tag);
  const reading = async () => {
    for (let next = await player.next(); !next.done; next = await player.next()) if (isTag(next.value)) return;
    throw new Error("the stream ended before");
  };
  await patiently(reading(), () => "a packet never came");
}

async function send(publisher: PushClient, tags: readonly Tag[]): Promise<void> {
  for (const tag of tags) await publisher.write(tag);
}

for (const publishing of PROTOCOLS) {
  Deno.test(`what is published over ${publishing.scheme} is played over rtmps, https and wss, all on one port`, async () => {
    await using tls = await TlsServer.start();
    const address = (scheme: string) => `${scheme}://localhost:${tls.port}/live/cam`;
    const maker = new StreamMaker();
    const publisher = await publishing.publish(address(publishing.scheme));
    await send(publisher, [...maker.head(), ...maker.gop()]);
    const players = await Promise.all(PROTOCOLS.map(({ play, scheme }) => play(address(scheme))));
    const readers = players.map((player) => player[Symbol.asyncIterator]());
    for (let round = 0; round < 3; round++) {
      const gop = maker.gop();
      await send(publisher, gop);
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
  await send(publisher, [...maker.head(), ...gop]);
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

Deno.test("a certificate is replaced while players watch: they go on, and new ones see the new one", async () => {
  await using tls = await TlsServer.start();
  const address = `rtmps://localhost:${tls.port}/live/cam`;
  await using publisher = await RtmpPublishClient.connect(address, TRUSTING);
  const maker = new StreamMaker();
  await send(publisher, [...maker.head(), ...maker.gop()]);
  const players = await Promise.all(
    Array.from({ length: 60 }, (_, at) => PROTOCOLS[at % 3].play(`${PROTOCOLS[at % 3].scheme}${address.slice(5)}`)),
  );
  const readers = players.map((player) => player[Symbol.asyncIterator]());
  assertEquals(await tls.fingerprint(), fingerprintOf(FIRST_CERTIFICATE.cert));

  await tls.files.put(SECOND_CERTIFICATE);
  await tls.said(/cert\.pem" has changed and is in use from now on, valid until 2100/);

  assertEquals(await tls.fingerprint(), fingerprintOf(SECOND_CERTIFICATE.cert));
  const gop = maker.gop();
  await send(publisher, gop);
  for (const reader of readers) await untilBody(reader, gop[gop.length - 1]);
  assertEquals(tls.server.told.filter(({ name }) => name === "play:end"), []);
  for (const player of players) await player.close();
});

for (const { scheme, play } of PROTOCOLS) {
  Deno.test(`a player over ${scheme} gets at once what there is, though nothing more comes`, async () => {
    await using tls = await TlsServer.start();
    const maker = new StreamMaker();
    const gop = maker.gop();
    await using publisher = await RtmpPublishClient.connect(`rtmps://localhost:${tls.port}/live/cam`, TRUSTING);
    await send(publisher, [...maker.head(), ...gop]);
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
    await send(publisher, [...maker.head(), ...maker.gop()]);
    const fast = await RtmpPlayClient.connect(`rtmps://localhost:${tls.port}/live/cam`, TRUSTING);
    const fastReader = fast[Symbol.asyncIterator]();
    await tls.players(1);
    const slow = await play(`${scheme}://localhost:${way.port}/live/cam`);
    const [, session] = await tls.players(2);
    way.shut();
    let sent = 0;
    while (sent < 24 * 2 ** 20) {
      const gop = maker.gop();
      await send(publisher, gop);
      await untilBody(fastReader, gop[gop.length - 1]);
      for (const { body } of gop) sent += body.length;
    }
    assertLess(session.bytesOut, sent / 2);
    way.open();
    const last = maker.gop();
    await send(publisher, last);
    await untilBody(slow[Symbol.asyncIterator](), last[last.length - 1]);
    await slow.close();
    await fast.close();
    await tls.server.event("play:end", ({ skips, session: { id } }) => id === session.id && skips > 0);
  });
}

/** A server with a certificate for localhost, and further ones for these hosts, each in a folder of its own. */
async function withHosts(
  hosts: readonly string[],
  test: (tls: TlsServer, folders: CertificateFolder[]) => Promise<void>,
) {
  await using stack = new AsyncDisposableStack();
  const folders: CertificateFolder[] = [];
  for (const host of hosts) folders.push(stack.use(await CertificateFolder.make(await certificateFor(host))));
  const certificates = folders.map(({ cert, key }) => ({ cert, key }));
  await using tls = await TlsServer.start({ config: { tls: { certificates } } });
  await test(tls, folders);
}

/** Whom the certificate names that is given to who names this host. */
async function certified(port: number, servername?: string): Promise<string> {
  return String((await certificateOf(port, { servername, rejectUnauthorized: false })).subject?.CN);
}

/** The certificate that a new connection is given. */
async function certificateOf(port: number, options: ConnectionOptions): Promise<PeerCertificate> {
  const { promise, resolve, reject } = Promise.withResolvers<PeerCertificate>();
  const socket = connectTls({ ...options, host: "127.0.0.1", port });
  socket.once("secureConnect", () => resolve(socket.getPeerCertificate()));
  socket.once("error", reject);
  try {
    return await patiently(promise, () => "no certificate came");
  } finally {
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.destroy();
    await closed;
  }
}

Deno.test("who names a host is given the certificate that is made out for it, others the first", async () => {
  await withHosts(["a.example", "*.b.example"], async ({ port, server }) => {
    const given = async (...names: (string | undefined)[]) => {
      const found: string[] = [];
      for (const name of names) found.push(await certified(port, name));
      return found;
    };
    assertEquals(await given("a.example", "A.Example", "x.b.example"), ["a.example", "a.example", "*.b.example"]);
    const others = await given(undefined, "b.example", "x.y.b.example", "other.example");
    assertEquals(others, ["localhost", "localhost", "localhost", "localhost"]);
    assertEquals(await certified(server.server.address("rtmp").port, "a.example"), "a.example");
  });
});

for (const { scheme, publish, play } of PROTOCOLS) {
  Deno.test(`what is published over ${scheme} to one host is played over ${scheme} from another`, async () => {
    await withHosts(["a.example", "b.example"], async (tls, folders) => {
      const ca = await Promise.all(folders.map(({ cert }) => Deno.readTextFile(cert)));
      const options = (servername: string) => ({ tls: { ca, servername } });
      const address = `${scheme}://127.0.0.1:${tls.port}/live/cam`;
      const maker = new StreamMaker();
      const gop = maker.gop();
      await using publisher = await publish(address, options("a.example"));
      await send(publisher, [...maker.head(), ...gop]);
      const player = await play(address, options("b.example"));
      await untilBody(player[Symbol.asyncIterator](), gop[0]);
      await player.close();
      await assertRejects(() => play(address, options("c.example")), Error);
    });
  });
}

Deno.test("each of several certificates is taken anew by itself when its files change", async () => {
  await withHosts(["a.example", "b.example"], async (tls, [a]) => {
    await a.put(await certificateFor("c.example"));
    await tls.said(/cert\.pem" has changed and is in use from now on/);
    const given = [await certified(tls.port, "c.example"), await certified(tls.port, "b.example")];
    assertEquals([...given, await certified(tls.port, "a.example")], ["c.example", "b.example", "localhost"]);
  });
});

Deno.test("certificates are added and taken away while the server runs, and a bad one changes nothing", async () => {
  await withHosts(["a.example"], async (tls, [a]) => {
    await using b = await CertificateFolder.make(await certificateFor("b.example"));
    const { server } = tls.server;
    const reload = (certificates: object[]) =>
      server.reload({ ...server.config, tls: { ...server.config.tls, certificates } });
    const [one, other] = [a, b].map(({ cert, key }) => ({ cert, key }));
    assertEquals(await reload([one, other]), { changed: ["tls.certificates"], restart: [] });
    assertEquals(await certified(tls.port, "b.example"), "b.example");
    await assertRejects(() => reload([other, { cert: b.key, key: b.key }]), Error, "it is no certificate in PEM");
    assertEquals(await certified(tls.port, "a.example"), "a.example");
    assertEquals(await reload([other]), { changed: ["tls.certificates"], restart: [] });
    assertEquals(
      [await certified(tls.port, "a.example"), await certified(tls.port, "b.example")],
      ["localhost", "b.example"],
    );
  });
});

Deno.test("whether there is TLS at all takes a new start to change", async () => {
  await using server = await TestServer.start();
  await using files = await CertificateFolder.make();
  const { cert, key } = files;
  const report = await server.server.reload({ ...server.server.config, tls: { certificates: [{ cert, key }] } });
  assertEquals(report, { changed: [], restart: ["tls.certificates"] });
});

const BAD_FILES: { what: string; put: Parameters<CertificateFolder["put"]>[0]; words: RegExp }[] = [
  { what: "garbage", put: { cert: "garbage" }, words: /Cannot use ".*cert\.pem": it is no certificate in PEM/ },
  {
    what: "half a certificate",
    put: { cert: `${SECOND_CERTIFICATE.cert.slice(0, 200)}\n-----END CERTIFICATE-----\n` },
    words: /it is no certificate in PEM/,
  },
  { what: "an empty key", put: { key: "" }, words: /Cannot use ".*key\.pem": it is no key in PEM/ },
  {
    what: "the key of another certificate",
    put: { key: SECOND_CERTIFICATE.key },
    words: /is not the key of the certificate/,
  },
  {
    what: "a certificate without its key",
    put: { cert: SECOND_CERTIFICATE.cert },
    words: /is not the key of the certificate/,
  },
];

for (const { what, put, words } of BAD_FILES) {
  Deno.test(`${what} changes nothing and is said once; what is good again counts`, async () => {
    await using tls = await TlsServer.start();
    await tls.files.put(put);
    await tls.said(words);
    assertEquals(await tls.fingerprint(), fingerprintOf(FIRST_CERTIFICATE.cert));
    await tls.files.put(SECOND_CERTIFICATE);
    await tls.said(/has changed and is in use/);
    assertEquals(await tls.fingerprint(), fingerprintOf(SECOND_CERTIFICATE.cert));
    assertEquals(tls.logged().filter((line) => words.test(line)).length, 1);
    assertMatch(tls.logged().find((line) => words.test(line)) ?? "", /\. The certificate in use stays$/);
  });
}

Deno.test("a server does not start with a certificate that it cannot use, and says why", async () => {
  await using files = await CertificateFolder.make();
  const start = (tls: object) => TestServer.start({ config: { tls: { ...ANY_PORT, ...tls } } });
  const { cert, key } = files;
  await assertRejects(() => start({ cert: `${cert}x`, key }), Error, 'cert.pemx": it does not exist');
  await files.put({ key: SECOND_CERTIFICATE.key });
  await assertRejects(() => start({ cert, key }), Error, "is not the key of the certificate");
  await assertRejects(() => start({ cert }), Error, "tls.key is missing; it is needed with tls.cert");
  await assertRejects(() => start({ key }), Error, "tls.cert is missing; it is needed with tls.key");
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
