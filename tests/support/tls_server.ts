import { X509Certificate } from "node:crypto";
import { connect as connectTls, type ConnectionOptions, type PeerCertificate } from "node:tls";
import type { ClientOptions, PullClient, PushClient } from "../../kernel/sessions/client.ts";
import { CERTIFICATE_CHECK_MS } from "../../kernel/front/certificate.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { HttpFlvPlayClient, HttpFlvPublishClient } from "../../protocols/http_flv/client.ts";
import { RtmpPlayClient, RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { WsFlvPlayClient, WsFlvPublishClient } from "../../protocols/ws_flv/client.ts";
import { CertificateFolder, FIRST_CERTIFICATE, SECOND_CERTIFICATE } from "./certificates.ts";
import { eventually } from "./eventually.ts";
import { hasBodyOf } from "./packets.ts";
import { patiently } from "./patience.ts";
import type { Tag } from "./stream_maker.ts";
import { TestServer, type TestServerOptions } from "./test_server.ts";

/** A free port of this machine alone. */
export const ANY_PORT = { host: "127.0.0.1", port: 0 };

/** A client that believes in the certificates of these tests. */
export const TRUSTING: ClientOptions = { tls: { ca: [FIRST_CERTIFICATE.cert, SECOND_CERTIFICATE.cert] } };

/** A protocol over TLS, and clients of it. */
export interface TlsProtocol {
  readonly scheme: string;
  publish(address: string, options?: ClientOptions): Promise<PushClient>;
  play(address: string, options?: ClientOptions): Promise<PullClient>;
}

/** All protocols over TLS. */
export const PROTOCOLS: readonly TlsProtocol[] = [
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
export class TlsServer implements AsyncDisposable {
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

/** What tells a certificate from all others. */
export function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256;
}

/** Reads until a packet with this body has come. */
export async function untilBody(player: AsyncIterator<MediaPacket, undefined>, tag: Tag): Promise<void> {
  const isTag = hasBodyOf(tag);
  const reading = async () => {
    for (let next = await player.next(); !next.done; next = await player.next()) if (isTag(next.value)) return;
    throw new Error("the stream ended before");
  };
  await patiently(reading(), () => "a packet never came");
}

/** Publishes tags, in order. */
export async function sendTags(publisher: PushClient, tags: readonly Tag[]): Promise<void> {
  for (const tag of tags) await publisher.write(tag);
}

/** The certificate that a new connection is given. */
export async function certificateOf(port: number, options: ConnectionOptions): Promise<PeerCertificate> {
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
