import { type AddressInfo, createServer, type Socket } from "node:net";

/** A server that takes connections and says nothing. */
export class SilentServer implements AsyncDisposable {
  /** Settles when somebody has connected. */
  readonly visited: Promise<void>;
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  private constructor(isDeaf: boolean) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.visited = promise;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      if (isDeaf) socket.pause();
      else socket.resume();
      resolve();
    });
  }

  /** One that `isDeaf` reads nothing either. */
  static async listen({ isDeaf = false }: { readonly isDeaf?: boolean } = {}): Promise<SilentServer> {
    const silent = new SilentServer(isDeaf);
    const { promise, resolve } = Promise.withResolvers<void>();
    silent.#server.listen({ host: "127.0.0.1", port: 0 }, resolve);
    await promise;
    return silent;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }
}
