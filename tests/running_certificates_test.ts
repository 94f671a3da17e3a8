import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { CertificateFolder, certificateFor, FIRST_CERTIFICATE, SECOND_CERTIFICATE } from "./support/certificates.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import {
  ANY_PORT,
  certificateOf,
  fingerprintOf,
  PROTOCOLS,
  sendTags,
  TlsServer,
  TRUSTING,
  untilBody,
} from "./support/tls_server.ts";

Deno.test("a certificate is replaced while players watch: they go on, and new ones see the new one", async () => {
  await using tls = await TlsServer.start();
  const address = `rtmps://localhost:${tls.port}/live/cam`;
  await using publisher = await RtmpPublishClient.connect(address, TRUSTING);
  const maker = new StreamMaker();
  await sendTags(publisher, [...maker.head(), ...maker.gop()]);
  const players = await Promise.all(
    Array.from({ length: 60 }, (_, at) => PROTOCOLS[at % 3].play(`${PROTOCOLS[at % 3].scheme}${address.slice(5)}`)),
  );
  const readers = players.map((player) => player[Symbol.asyncIterator]());
  assertEquals(await tls.fingerprint(), fingerprintOf(FIRST_CERTIFICATE.cert));

  await tls.files.put(SECOND_CERTIFICATE);
  await tls.said(/cert\.pem" has changed and is in use from now on, valid until 2100/);

  assertEquals(await tls.fingerprint(), fingerprintOf(SECOND_CERTIFICATE.cert));
  const gop = maker.gop();
  await sendTags(publisher, gop);
  for (const reader of readers) await untilBody(reader, gop[gop.length - 1]);
  assertEquals(tls.server.told.filter(({ name }) => name === "play:end"), []);
  for (const player of players) await player.close();
});

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
      await sendTags(publisher, [...maker.head(), ...gop]);
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
