import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, every, type Timer } from "../clock.ts";

/** How often a port that has accepted nothing is tried, in milliseconds. */
export const CHECK_MS = 2000;

/** How long a connection of the server to itself is waited for before the port is doubted, in milliseconds … */
const PROBE_MS = 1000;

/** … and how many turns of the event loop it then has: to a server that is short of time a second is nothing. */
const DOUBTFUL_TURNS = 100;

/** How long such a turn takes at least, in milliseconds: enough for the runtime to look at its sockets. */
const TURN_MS = 10;

/** A port that was opened anew in vain, or cannot be reached from here, is tried again after so many checks at most. */
const MOST_CHECKS_BETWEEN = 30;

/** After so many connections for each of those who share a port, one that was given none of them takes nobody any more. */
const PASSED_BY = 32;

/** A port that several isolates listen on: the system gives each connection to one of them. */
export interface PortSharing {
  /** How many share it. */
  readonly sharers: number;
  /** How many connections all of them have accepted. */
  readonly accepted: number;
  /** This one has accepted a connection. */
  count(): void;
}

/** Where connections are expected. */
export interface PortOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Connections that the system holds until they are accepted. */
  readonly backlog: number;
  /** Connections beyond so many are dropped unseen. */
  readonly connections: number;
  readonly clock: Clock;
  /** Set where others listen on the same port. */
  readonly sharing?: PortSharing;
  onConnection(socket: Socket): void;
  /** One was dropped unseen. */
  onDropped?(): void;
  /** The port took nobody any more and has been opened anew. */
  onReopened(): void;
}

/**
 * A TCP port that stays open.
 *
 * Deno's `node:net` never looks at a listener again once accepting has failed, be it for want of a file descriptor, and
 * tells nobody. So a port that has accepted nothing for a while is tried by a connection from here, of which nobody else
 * hears; if that is not accepted either, the port is opened anew. Connections that are open do not notice.
 */
export class OpenPort implements Disposable {
  readonly port: number;
  readonly #options: PortOptions;
  readonly #checking: Timer;
  #server: Server;
  #connections: number;
  #probe?: Socket;
  #doubting?: ReturnType<typeof setTimeout>;
  /** Accepted while it was not known yet from which port the probe comes. */
  readonly #unsorted: Socket[] = [];
  #isAlive = true;
  #isDisposed = false;
  #checksLeft = 0;
  #checksBetween = 1;
  /** How many connections all who share the port had accepted when this one was last seen to do so. */
  #acceptedThen: number;

  private constructor(server: Server, options: PortOptions) {
    this.#server = server;
    this.#options = options;
    this.#connections = options.connections;
    this.#acceptedThen = options.sharing?.accepted ?? 0;
    this.port = (server.address() as AddressInfo).port;
    this.#attend(server);
    this.#checking = every(options.clock, CHECK_MS, () => this.#check());
  }

  /**
   * Opens a port.
   *
   * @throws {Error} with the system's `code`, such as `EADDRINUSE`
   */
  static async open(options: PortOptions): Promise<OpenPort> {
    return new OpenPort(await listen(options), options);
  }

  /** Connections beyond so many are dropped unseen. */
  set connections(most: number) {
    this.#connections = most;
    this.#server.maxConnections = most;
  }

  /** Accepts nothing more; what is open stays. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#checking[Symbol.dispose]();
    this.#endProbe();
    this.#server.close();
  }

  #attend(server: Server): void {
    server.on("connection", (socket) => this.#accepted(socket));
    server.on("drop", () => {
      this.#heard();
      this.#options.onDropped?.();
    });
  }

  #heard(): void {
    this.#isAlive = true;
    this.#checksBetween = 1;
  }

  #accepted(socket: Socket): void {
    this.#heard();
    this.#options.sharing?.count();
    if (this.#probe?.connecting) this.#unsorted.push(socket);
    else this.#sort(socket);
  }

  #sort(socket: Socket): void {
    const probe = this.#probe;
    const isProbe = probe && probe.localPort === socket.remotePort && probe.localAddress === socket.remoteAddress;
    if (!isProbe) return this.#options.onConnection(socket);
    socket.destroy();
    this.#endProbe();
  }

  #check(): void {
    if (this.#probe) return;
    if (this.#options.sharing) return this.#checkShared(this.#options.sharing);
    if (this.#isAlive) this.#checksLeft = 0;
    else if (this.#checksLeft-- <= 0) this.#try();
    this.#isAlive = false;
  }

  /**
   * A connection from here would come to any of those who share the port. But when so many have come to the others and none
   * to this one, it is deaf: chance does so in one of 10¹³ cases.
   */
  #checkShared({ accepted, sharers }: PortSharing): void {
    if (this.#isAlive) this.#acceptedThen = accepted;
    this.#isAlive = false;
    if (accepted - this.#acceptedThen < PASSED_BY * sharers) return;
    this.#acceptedThen = accepted;
    this.#doubt(DOUBTFUL_TURNS);
  }

  #try(): void {
    const probe = connect({ host: reachable(this.#options.host), port: this.port });
    this.#probe = probe;
    probe.on("connect", () => this.#sortAll());
    probe.on("error", ignore);
    probe.on("close", () => this.#probe === probe && this.#endProbe());
    this.#doubting = setTimeout(() => this.#doubt(DOUBTFUL_TURNS), PROBE_MS);
  }

  /** A port that takes others, though not yet the probe, is alive. */
  #doubt(turns: number): void {
    if (this.#isAlive) this.#endProbe();
    else if (turns === 0) this.#reopen();
    else this.#doubting = setTimeout(() => this.#doubt(turns - 1), TURN_MS);
  }

  #sortAll(): void {
    for (const socket of this.#unsorted.splice(0)) this.#sort(socket);
  }

  #endProbe(): void {
    const probe = this.#probe;
    this.#probe = undefined;
    clearTimeout(this.#doubting);
    probe?.destroy();
    this.#sortAll();
  }

  /** Nothing comes between closing and listening: to the system they are one moment. */
  #reopen(): void {
    this.#endProbe();
    this.#checksLeft = this.#checksBetween;
    this.#checksBetween = Math.min(this.#checksBetween * 2, MOST_CHECKS_BETWEEN);
    this.#server.close();
    const { port } = this;
    listen({ ...this.#options, port, connections: this.#connections }).then((server) => this.#replace(server), ignore);
  }

  #replace(server: Server): void {
    if (this.#isDisposed) return void server.close();
    this.#server = server;
    this.#attend(server);
    this.#options.onReopened();
  }
}

async function listen({ host, port, backlog, connections, sharing }: PortOptions): Promise<Server> {
  const server = createServer({ noDelay: true });
  server.maxConnections = connections;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", reject);
  server.listen({ host, port, backlog, ...(sharing && { reusePort: true }) }, resolve);
  await promise;
  return server;
}

/** An address under which a listener on `host` can be reached from the same machine. */
function reachable(host: string): string {
  if (host === "::") return "::1";
  return host === "0.0.0.0" ? "127.0.0.1" : host;
}

function ignore(): void {}
