import type { IncomingMessage, ServerResponse } from "node:http";
import type { FrontSettings, SocketProtocol } from "../front/front.ts";
import { OpenFront } from "../front/open_front.ts";
import { collectLog } from "./collected_log.ts";
import { FakeClock } from "./fake_clock.ts";
import { TcpClient } from "./tcp_client.ts";

/** What a {@linkcode FrontStage} has unless a test says otherwise. */
export const FRONT_SETTINGS: FrontSettings = {
  connections: 100,
  connectionsPerAddress: 0,
  backlog: 64,
  firstByteMs: 10_000,
  headerMs: 60_000,
  stallMs: 20_000,
};

/** Answers a complete request with its method, path and body. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = "";
  request.on("data", (bytes) => body += new TextDecoder().decode(bytes));
  request.on("end", () => response.end(`${request.method} ${request.url} ${body}`));
  request.on("error", () => {});
}

/** A front on a free port, on a clock that the test moves; it answers requests with what they were. */
export class FrontStage implements Disposable {
  readonly clock = new FakeClock();
  readonly logged = collectLog("debug", this.clock);
  readonly front: OpenFront;
  port = 0;
  requests = 0;

  constructor(settings: Partial<FrontSettings> = {}, answer = echo) {
    this.front = new OpenFront({ ...FRONT_SETTINGS, ...settings }, this.clock, this.logged.log, (request, response) => {
      this.requests++;
      answer(request, response);
    });
  }

  /** Listens, and lets connections in. */
  async open(): Promise<this> {
    this.front.open();
    this.port = (await this.front.listen({ name: "http", host: "127.0.0.1", port: 0 })).port;
    return this;
  }

  /** How many timers wait besides those that look after the ports. */
  get timers(): number {
    return this.clock.pending - this.front.listeners.length;
  }

  connect(): Promise<TcpClient> {
    return TcpClient.connect(this.port);
  }

  /** Sends this and waits for everything until the server closes. */
  async exchange(data: string): Promise<string> {
    using client = await this.connect();
    client.send(data);
    return await client.ended();
  }

  [Symbol.dispose](): void {
    this.front[Symbol.dispose]();
  }
}

/** A protocol that begins with a letter and answers what it was sent, with its name. */
export function letter(name: string): SocketProtocol {
  return {
    name,
    matches: (first) => first[0] === name.charCodeAt(0),
    accept(socket, first) {
      socket.write(`${name} got ${new TextDecoder().decode(first)}`);
      socket.on("data", (bytes: Uint8Array) => socket.write(bytes));
    },
  };
}

/** A request that {@linkcode FrontStage} answers with `GET /a`. */
export const GET = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

/** A request to go on as a WebSocket. */
export const UPGRADE = "GET /live/cam.flv HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
