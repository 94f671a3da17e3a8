import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Timer } from "../clock.ts";
import type { Deadlines } from "./deadlines.ts";
import { parseIp } from "./ip_address.ts";
import type { NetworkList } from "./network_list.ts";
import { handOnPeer, peerOf, setPeer } from "./peer_address.ts";
import { type ProxyHeader, ProxyHeaderReader, ProxyProtocolError } from "./proxy_protocol.ts";

/** Whether connections begin with a PROXY protocol header. */
export type ProxyMode = "off" | "optional" | "required";

/** Who may say for whom it comes, and how. */
export interface ProxyRules {
  readonly mode: ProxyMode;
  readonly trusted: NetworkList;
}

/** What those are given who speak TLS. */
export interface ServedCertificate {
  readonly context: SecureContext;
  /** What is given to those who name this host. */
  contextFor(host: string): SecureContext;
}

/** What a connection's way in takes from the front. */
export interface EntranceHost {
  /** How long it may take until the first byte of a protocol has come. */
  readonly firstBytes: Deadlines;
  readonly proxy: ProxyRules;
  /** The certificate that counts now; undefined when there is none. */
  readonly certificate: ServedCertificate | undefined;
  /** Says who it is now that it is known, and what has been read; false when it may not come in, which has been said. */
  admit(socket: Socket, first?: Uint8Array): boolean;
  /**
   * Hands over a connection that has said its first bytes; `socket` is the TLS side of one that speaks TLS. `leave` takes the
   * entrance's own listener away.
   */
  enter(socket: Socket, first: Uint8Array, leave: () => void): void;
  /** Says that a connection was refused, and why. */
  refused(why: string): void;
}

/** The type of a TLS record with which a handshake begins (RFC 8446, section 5.1); no other protocol here begins so. */
const TLS_HANDSHAKE = 0x16;

/**
 * Brings a connection from its first byte to the protocol that it speaks: PROXY protocol, then TLS, within the time for the
 * first byte.
 */
export class Entrance {
  readonly #socket: Socket;
  readonly #host: EntranceHost;
  readonly #needsTls: boolean;
  #deadline?: Timer;

  private constructor(socket: Socket, host: EntranceHost, needsTls: boolean) {
    this.#socket = socket;
    this.#host = host;
    this.#needsTls = needsTls;
    this.#deadline = host.firstBytes.set(() => socket.destroy());
    socket.once("close", this.#heard);
  }

  /** Lets a connection in; `needsTls` refuses it when it does not speak TLS. */
  static open(socket: Socket, host: EntranceHost, needsTls: boolean): void {
    new Entrance(socket, host, needsTls).#begin();
  }

  #begin(): void {
    const { mode, trusted } = this.#host.proxy;
    const ip = mode === "off" ? undefined : parseIp(peerOf(this.#socket).ip);
    const isTrusted = ip !== undefined && trusted.has(ip);
    if (mode === "required" && !isTrusted) {
      return this.#refuse("it comes from no trusted proxy, and others are not served");
    }
    if (!isTrusted) return void (this.#host.admit(this.#socket) ? this.#listen() : undefined);
    const reader = new ProxyHeaderReader(mode === "required");
    this.#socket.on("data", this.#readHeader(reader));
  }

  #readHeader(reader: ProxyHeaderReader): (bytes: Uint8Array) => void {
    const read = (bytes: Uint8Array) => {
      try {
        const header = reader.receive(bytes);
        if (!header) return;
        this.#socket.off("data", read);
        this.#introduced(header);
      } catch (error) {
        if (!(error instanceof ProxyProtocolError)) throw error;
        this.#socket.off("data", read);
        this.#refuse(error.message);
      }
    };
    return read;
  }

  #introduced({ peer, rest }: ProxyHeader): void {
    if (peer) setPeer(this.#socket, peer);
    if (!this.#host.admit(this.#socket, rest)) return;
    if (rest.length > 0) this.#first(rest, nothing);
    else this.#listen();
  }

  #listen(): void {
    const hear = (first: Uint8Array) => this.#first(first, () => this.#socket.off("data", hear));
    this.#socket.on("data", hear);
  }

  #first(first: Uint8Array, leave: () => void): void {
    const { certificate } = this.#host;
    if (certificate && first[0] === TLS_HANDSHAKE) {
      leave();
      return this.#secure(first, certificate);
    }
    if (this.#needsTls) return this.#refuse("it does not speak TLS, which this port needs");
    this.#heard();
    this.#host.enter(this.#socket, first, leave);
  }

  #secure(first: Uint8Array, certificate: ServedCertificate): void {
    const raw = this.#socket;
    raw.pause();
    raw.unshift(first);
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: certificate.context,
      SNICallback: (host, done) => done(null, certificate.contextFor(host)),
    });
    handOnPeer(raw, socket);
    socket.on("error", (error: Error) => {
      if (this.#deadline) this.#host.refused(`its TLS failed: ${error.message}`);
      raw.destroy();
    });
    socket.on("close", () => raw.destroy());
    raw.once("close", () => socket.destroy());
    socket.once("data", (bytes: Uint8Array) => {
      this.#heard();
      this.#host.enter(socket, bytes, nothing);
    });
  }

  #refuse(why: string): void {
    this.#host.refused(why);
    this.#heard();
    this.#socket.destroy();
  }

  /** Nothing of this is kept for those who have come in: there may be tens of thousands. */
  readonly #heard = (): void => {
    this.#socket.off("close", this.#heard);
    this.#deadline?.[Symbol.dispose]();
    this.#deadline = undefined;
  };
}

function nothing(): void {}
