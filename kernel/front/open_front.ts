import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { type ConnectionCounts, OwnCounts } from "./connection_counts.ts";
import { Deadlines } from "./deadlines.ts";
import { Farewells, MAX_FAREWELLS, type Rebuff } from "./farewells.ts";
import {
  type Front,
  type FrontSettings,
  type Listener,
  type ListenOptions,
  NO_PROXY,
  PortError,
  type RefusedKind,
  type SocketProtocol,
  type UpgradeProtocol,
} from "./front.ts";
import { Entrance, type EntranceHost, type ServedCertificate } from "./front_entrance.ts";
import { FrontHttp, type HttpAnswer } from "./front_http.ts";
import { parseIp } from "./ip_address.ts";
import type { Logger } from "../log/log.ts";
import { repeated, type RepeatedLogger } from "../log/repeated.ts";
import { OpenPort, type PortSharing } from "./open_port.ts";
import { peerOf } from "./peer_address.ts";

/** Listens on every address, of IPv4 too. */
const EVERY_ADDRESS = "::";
const EVERY_IPV4_ADDRESS = "0.0.0.0";

/** How often it is looked whether everything has been written, in milliseconds. */
const LOOK_MS = 20;

/** What a front has in common with those of other isolates; alone it shares nothing. */
export interface SharedFront {
  readonly counts: ConnectionCounts;
  /** What is shared of a port. */
  port(options: ListenOptions): PortSharing;
}

/** The front of one isolate. */
export class OpenFront implements Front, Disposable {
  #settings: FrontSettings;
  #firstBytes: Deadlines;
  readonly #clock: Clock;
  readonly #shared?: SharedFront;
  readonly #counts: ConnectionCounts;
  readonly #full: RepeatedLogger;
  readonly #http: FrontHttp;
  readonly #protocols = new Set<SocketProtocol>();
  readonly #upgrades = new Set<UpgradeProtocol>();
  readonly #listeners = new Set<Listener>();
  readonly #ports = new Set<OpenPort>();
  readonly #sockets = new Set<Socket>();
  readonly #entrance: EntranceHost;
  /** Connections that came before the front was opened, and whether they need TLS. */
  #early?: [Socket, boolean][] = [];
  readonly refused = new Map<RefusedKind, number>();
  readonly #farewells: Farewells;
  /** The certificate that counts now; without one nobody is offered TLS. */
  certificate?: ServedCertificate;

  constructor(settings: FrontSettings, clock: Clock, log: Logger, answer: HttpAnswer, shared?: SharedFront) {
    this.#settings = settings;
    this.#clock = clock;
    this.#firstBytes = new Deadlines(clock, settings.firstByteMs);
    this.#shared = shared;
    this.#counts = shared?.counts ?? new OwnCounts();
    this.#full = repeated(log, 1000, clock);
    this.#entrance = this.#entranceHost();
    this.#farewells = new Farewells(clock, this.#protocols);
    const current = () => this.#settings;
    this.#http = new FrontHttp({
      clock,
      accessLog: log.child("access"),
      get settings() {
        return current();
      },
      upgrades: this.#upgrades,
      answer,
    });
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** The ports that are open. */
  get listeners(): readonly Listener[] {
    return [...this.#listeners];
  }

  protocol(protocol: SocketProtocol): Disposable {
    return member(this.#protocols, protocol);
  }

  upgrade(protocol: UpgradeProtocol): Disposable {
    return member(this.#upgrades, protocol);
  }

  /** Takes new settings for what comes from now on; ports that are open keep their backlog. */
  configure(settings: FrontSettings): void {
    const { firstByteMs } = this.#settings;
    this.#settings = settings;
    if (settings.firstByteMs !== firstByteMs) this.#firstBytes = new Deadlines(this.#clock, settings.firstByteMs);
    this.#http.configure(settings);
    for (const port of this.#ports) port.connections = settings.connections + MAX_FAREWELLS;
  }

  async listen(options: ListenOptions): Promise<Listener> {
    const { name, host, port } = options;
    const open = await this.#bind(options).catch((cause) => {
      if (host === EVERY_ADDRESS && lacksIpv6(cause)) return this.#bind({ ...options, host: EVERY_IPV4_ADDRESS });
      throw cause;
    }).catch((cause) => {
      throw new PortError(name, port, { cause });
    });
    const listener: Listener = { name, host, port: open.port, [Symbol.dispose]: () => this.#stop(open, listener) };
    this.#listeners.add(listener);
    this.#ports.add(open);
    return listener;
  }

  /** Lets those in who came too early, and all who come from now on. */
  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const [socket, needsTls] of early) this.#accept(socket, needsTls);
  }

  /** Accepts nothing more; what is open stays. */
  stopListening(): void {
    for (const listener of [...this.#listeners]) listener[Symbol.dispose]();
  }

  /** Waits until the system has taken what was written to connections, at most `ms`. */
  async written(ms: number): Promise<void> {
    for (let waited = 0; waited < ms; waited += LOOK_MS) {
      if (![...this.#sockets].some(({ writableLength }) => writableLength > 0)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      using _timer = this.#clock.setTimeout(resolve, LOOK_MS);
      await promise;
    }
  }

  /** Closes all ports and all connections at once. */
  [Symbol.dispose](): void {
    this.stopListening();
    for (const socket of [...this.#sockets, ...(this.#early ?? []).map(([early]) => early)]) socket.destroy();
    this.#farewells[Symbol.dispose]();
    this.#http[Symbol.dispose]();
    this.#full[Symbol.dispose]();
  }

  #bind(options: ListenOptions): Promise<OpenPort> {
    const { name, host, port, needsTls = false } = options;
    const { connections, backlog } = this.#settings;
    return OpenPort.open({
      host,
      port,
      backlog,
      connections: connections + MAX_FAREWELLS,
      clock: this.#clock,
      sharing: this.#shared?.port(options),
      onConnection: (socket) => this.#accept(socket, needsTls),
      onDropped: () => this.#count("full"),
      onReopened: () => this.#full.warn(`The port of ${name} took nobody any more and was opened anew`),
    });
  }

  #stop(port: OpenPort, listener: Listener): void {
    this.#ports.delete(port);
    if (this.#listeners.delete(listener)) port[Symbol.dispose]();
  }

  #accept(socket: Socket, needsTls: boolean): void {
    socket.on("error", ignore);
    if (this.#early) return void this.#early.push([socket, needsTls]);
    if (socket.destroyed) return;
    const { connections } = this.#settings;
    if (this.#counts.connections >= connections) {
      const rebuff = { status: 503, why: `The server is full: all ${connections} connections are in use` } as const;
      return this.#reject(socket, "full", `all ${connections} are in use`, rebuff);
    }
    this.#sockets.add(socket);
    this.#counts.count(1);
    if (this.#counts.connections === connections) {
      this.#full.warn(`All ${connections} connections are in use: more are refused`);
    }
    socket.on("close", () => {
      this.#counts.count(-1);
      this.#sockets.delete(socket);
    });
    Entrance.open(socket, this.#entrance, needsTls);
  }

  #entranceHost(): EntranceHost {
    const settings = () => this.#settings;
    const firstBytes = () => this.#firstBytes;
    const certificate = () => this.certificate;
    return {
      get firstBytes() {
        return firstBytes();
      },
      get proxy() {
        return settings().proxy ?? NO_PROXY;
      },
      get certificate() {
        return certificate();
      },
      admit: (socket, first) => this.#admit(socket, first),
      enter: (socket, first, leave) => this.#dispatch(socket, first, leave),
      refused: (why) => {
        this.#count("unfit");
        this.#full.warn(`Refused a connection: ${why}`);
      },
    };
  }

  /** Proxies have many connections: only those behind them are counted. */
  #admit(socket: Socket, first?: Uint8Array): boolean {
    const { connectionsPerAddress } = this.#settings;
    if (connectionsPerAddress === 0) return true;
    const { ip } = peerOf(socket);
    const address = parseIp(ip);
    if (address && this.#settings.proxy?.trusted.has(address)) return true;
    if (this.#counts.ofAddress(ip) >= connectionsPerAddress) {
      const rebuff = { status: 429, why: `Your address has ${connectionsPerAddress} connections already` } as const;
      this.#reject(socket, "address", `its address has ${connectionsPerAddress} already`, rebuff, first);
      return false;
    }
    this.#counts.countAddress(ip, 1);
    socket.once("close", () => this.#counts.countAddress(ip, -1));
    return true;
  }

  #reject(socket: Socket, kind: RefusedKind, why: string, rebuff: Rebuff, first?: Uint8Array): void {
    this.#count(kind);
    this.#full.warn(`Refused a connection: ${why}`);
    this.#farewells.say(socket, rebuff, first);
  }

  #count(kind: RefusedKind): void {
    this.refused.set(kind, (this.refused.get(kind) ?? 0) + 1);
  }

  /**
   * A protocol listens before the entrance leaves: a socket that nobody has listened to for a moment takes half a kilobyte
   * more for as long as it lives, and there are thousands.
   */
  #dispatch(socket: Socket, first: Uint8Array, leave: () => void): void {
    for (const protocol of this.#protocols) {
      if (!protocol.matches(first)) continue;
      protocol.accept(socket, first);
      return leave();
    }
    leave();
    this.#http.enter(socket, first);
  }
}

function ignore(): void {}

function member<T>(set: Set<T>, value: T): Disposable {
  set.add(value);
  return { [Symbol.dispose]: () => void set.delete(value) };
}

function lacksIpv6(cause: unknown): boolean {
  const code = (cause as { code?: string } | undefined)?.code;
  return code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
}
