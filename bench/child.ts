import { lines } from "./lines.ts";

/** How a child is started. */
export interface ChildOptions {
  /** What it is, for messages. */
  readonly name: string;
  readonly script: URL;
  readonly args?: readonly string[];
  readonly v8Flags?: readonly string[];
}

/** A Deno process of ours that speaks JSON values, one a line, and hears words, one a line. Disposing it ends it. */
export class Child<News> implements AsyncDisposable {
  readonly #name: string;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #news: AsyncGenerator<string, void, void>;

  constructor({ name, script, args = [], v8Flags = [] }: ChildOptions) {
    this.#name = name;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", ...v8Flags.map((flag) => `--v8-flags=${flag}`), script.href, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#news = lines(this.#process.stdout);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /**
   * The next value that it says.
   *
   * @throws {Error} when it has ended instead
   */
  async hear(): Promise<News> {
    const { value } = await this.#news.next();
    if (value !== undefined) return JSON.parse(value);
    const { code } = await this.#process.status;
    throw new Error(`The ${this.#name} process ended with code ${code}`);
  }

  /** Says a word to it. */
  async tell(word: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${word}\n`));
  }

  /** Ends it: by the end of its input, and if that does not help within a second, by force. */
  async [Symbol.asyncDispose](): Promise<void> {
    const kill = setTimeout(() => this.#kill(), GOODBYE_MS);
    await this.#input.close().catch(ignore);
    await this.#process.status;
    clearTimeout(kill);
    await this.#news.return();
  }

  /** It may have ended by itself at the last moment. */
  #kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

/** How long a child may take to end when it is asked to, in milliseconds. */
const GOODBYE_MS = 1000;

function ignore(): void {}
