import { assert } from "@std/assert";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import type { MediaPacket } from "../../media/packet.ts";
import type { ServerEvent } from "./server/server_events.ts";
import { ServerMachine } from "./server/server_machine.ts";
import { ChunkScript } from "./testing.ts";

/** Answers a machine's questions; false leaves one open. */
export type Answering = (event: ServerEvent, machine: ServerMachine, socket: Socket) => boolean;

function rtmpHandler(answer: Answering, peer?: Peer): (socket: Socket) => void {
  return (socket) => {
    const machine = new ServerMachine();
    const send = () => {
      for (let bytes = machine.take(); bytes; bytes = machine.take()) socket.write(bytes);
    };
    peer?.meet(machine, send);
    const handle = (events: readonly ServerEvent[]): void => {
      for (const event of events) {
        if (!answer(event, machine, socket)) continue;
        if (event.type === "connect") handle(machine.acceptConnect());
        if (event.type === "publish") handle(machine.acceptPublish(event.streamId));
        if (event.type === "play") machine.acceptPlay(event.streamId, event.reset);
      }
    };
    socket.on("data", (bytes: Uint8Array) => {
      handle(machine.receive(bytes));
      send();
    });
  };
}

/** A server of one connection that does what a test says, on a free port. */
export class Peer implements AsyncDisposable {
  /** Settles when a client has connected. */
  readonly connected: Promise<void>;
  /** Settles when the client's connection has closed. */
  readonly gone: Promise<void>;
  /** How many clients have connected. */
  connections = 0;
  readonly #server: ReturnType<typeof createTcpServer>;
  readonly #sockets = new Set<Socket>();
  #machine?: ServerMachine;
  #send = () => {};

  private constructor(server: ReturnType<typeof createTcpServer>) {
    const connected = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    this.connected = connected.promise;
    this.gone = gone.promise;
    this.#server = server;
    server.on("tlsClientError", () => {});
    server.on("connection", (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        gone.resolve();
      });
      connected.resolve();
    });
  }

  /** Does with each connection what it is told. */
  static async listen(handle: (socket: Socket) => void, server = createTcpServer()): Promise<Peer> {
    const peer = new Peer(server);
    await peer.#listen(handle);
    return peer;
  }

  /** Speaks RTMP and, unless told otherwise, says yes to everything. */
  static async rtmp(answer: Answering = () => true, server = createTcpServer()): Promise<Peer> {
    const peer = new Peer(server);
    await peer.#listen(rtmpHandler(answer, peer));
    return peer;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** The address of its only stream. */
  get address(): string {
    return `rtmp://127.0.0.1:${this.port}/live/cam`;
  }

  /** Bytes that wait for the client to read. */
  get unread(): number {
    return this.#socket.writableLength;
  }

  /** Takes note of the machine of its connection, and of how its bytes are sent. */
  meet(machine: ServerMachine, send: () => void): void {
    this.#machine = machine;
    this.#send = send;
  }

  /** Has the machine say something. */
  say(words: (machine: ServerMachine) => void): void {
    assert(this.#machine);
    words(this.#machine);
    this.#send();
  }

  /** Sends a picture to a player, in one chunk. */
  play({ dts, body }: MediaPacket): void {
    const script = new ChunkScript().chunkSize(0x7fff_ffff);
    this.#socket.write(script.extended(6, { type: 9, streamId: 1, time: dts / 1000 }, body).bytes);
  }

  /** Reads nothing more. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Cuts the connection. */
  cut(): void {
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  get #socket(): Socket {
    const [socket] = this.#sockets;
    assert(socket, "nobody is connected");
    return socket;
  }

  async #listen(handle: (socket: Socket) => void): Promise<void> {
    const isTls = "setSecureContext" in this.#server;
    this.#server.on(isTls ? "secureConnection" : "connection", handle);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, "127.0.0.1", resolve);
    await promise;
  }
}
