import { Redis } from "ioredis";
import { findCommand, REDIS } from "../setup.ts";
import { freePort } from "../support/free_port.ts";
import { Program } from "../support/program.ts";

/** What a test's Redis wants to be told. */
export const PASSWORD = "password-of-this-redis";

/** A Redis that keeps nothing. */
export class TestRedis implements AsyncDisposable {
  readonly port: number = freePort();
  readonly #folder: string = Deno.makeTempDirSync();
  #program?: Program;

  /** Starts it, empty. */
  async start(): Promise<void> {
    const options = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const more = ["--dir", this.#folder, "--requirepass", PASSWORD];
    this.#program = Program.start(findCommand(REDIS)!, [...options, ...more]);
    await this.#program.until(/ready to accept connections/i);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#program?.kill("SIGKILL");
    await this.#program?.over();
  }

  /** Has it do something, as its administrator. */
  async ask(command: string, ...args: string[]): Promise<unknown> {
    const redis = new Redis({ host: "127.0.0.1", port: this.port, password: PASSWORD, lazyConnect: true });
    await redis.connect();
    try {
      return await redis.call(command, ...args);
    } finally {
      redis.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
