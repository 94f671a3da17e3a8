import type { Clock, Timer } from "../../../kernel/clock.ts";

/** What an Argon2id hash is made of (RFC 9106, section 3.1). */
export interface Argon2Input {
  /** In KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  /** In bytes. */
  readonly length: number;
}

/** A worker that nobody has asked for so long ends, in milliseconds: it keeps the memory that the largest hash took. */
const IDLE_MS = 30_000;

/** The whole of the worker: the library's functions come before it. */
const PROGRAM = `
onmessage = async ({ data: { id, password, memory, passes, lanes, salt, length } }) => {
  try {
    const hash = await hashwasm.argon2id({
      password, salt, parallelism: lanes, iterations: passes, memorySize: memory, hashLength: length, outputType: "binary",
    });
    postMessage({ id, hash });
  } catch (error) {
    postMessage({ id, problem: String(error) });
  }
};`;

interface Answer {
  readonly id: number;
  readonly hash?: Uint8Array;
  readonly problem?: string;
}

/**
 * Makes Argon2id hashes in a worker, one after the other: each takes hundreds of milliseconds, in which the server would do
 * nothing else. The worker is started when the first is wanted.
 */
export class Argon2 implements Disposable {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #worker?: Promise<Worker>;
  #idle?: Timer;
  #ids = 0;
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The hash of a password.
   *
   * @throws {Error} when the worker fails, or this is disposed
   */
  async hash(password: string, input: Argon2Input): Promise<Uint8Array> {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<Uint8Array>();
    // It may fail before anybody waits for it.
    answer.promise.catch(() => {});
    this.#waiting.set(id, answer);
    this.#idle?.[Symbol.dispose]();
    try {
      const worker = await (this.#worker ??= this.#start());
      if (this.#isOver) throw new Error("The server is stopping");
      worker.postMessage({ id, password, ...input });
      return await answer.promise;
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#idle = this.#clock.setTimeout(() => this.#end(), IDLE_MS);
      if (this.#isOver) this.#idle?.[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#idle?.[Symbol.dispose]();
    this.#fail("The server is stopping");
  }

  async #start(): Promise<Worker> {
    const { default: library } = await import("hash-wasm/dist/argon2.umd.min.js", { with: { type: "text" } });
    const address = URL.createObjectURL(new Blob([library, PROGRAM], { type: "text/javascript" }));
    const worker = new Worker(address, { type: "module", name: "argon2" });
    URL.revokeObjectURL(address);
    worker.onmessage = ({ data: { id, hash, problem } }: MessageEvent<Answer>) => {
      if (hash) this.#waiting.get(id)?.resolve(hash);
      else this.#waiting.get(id)?.reject(new Error(problem));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    return worker;
  }

  #fail(problem: string): void {
    for (const answer of this.#waiting.values()) answer.reject(new Error(problem));
    this.#end();
  }

  #end(): void {
    void this.#worker?.then((worker) => worker.terminate(), () => {});
    this.#worker = undefined;
  }
}
