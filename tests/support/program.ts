import { fromFileUrl } from "@std/path";
import { patiently } from "./patience.ts";

/** The folder of the repository. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

const SERVER = `${ROOT}server.ts`;

/** How a program is run. */
export interface ProgramOptions {
  /** By default the folder of the repository. */
  readonly cwd?: string;
  /** In addition to the test's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a program ended, and all it wrote. */
export interface ProgramEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A program of its own process; what still runs when it is disposed of is stopped. */
export class Program implements AsyncDisposable {
  /** Settles when the process has ended. */
  readonly ended: Promise<ProgramEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #name: string;
  #dataDir?: string;
  #out = "";
  #err = "";
  #isGone = false;
  #hasEnded = false;
  #news = Promise.withResolvers<void>();

  private constructor(child: Deno.ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    this.ended = this.#untilEnd();
    child.status.then(() => this.#isGone = true);
  }

  /** Starts a program. */
  static start(command: string, args: readonly string[], { cwd = ROOT, env }: ProgramOptions = {}): Program {
    const child = new Deno.Command(command, {
      args: [...args],
      cwd,
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    return new Program(child.spawn(), [command, ...args].join(" "));
  }

  /** Starts Deno. */
  static deno(args: readonly string[], { env, ...options }: ProgramOptions = {}): Program {
    return Program.start(Deno.execPath(), args, { ...options, env: { NO_COLOR: "1", ...env } });
  }

  /** Starts the command line of Sluice; in the folder of the repository, what it writes goes elsewhere and is removed. */
  static server(args: readonly string[], { cwd, env }: ProgramOptions = {}): Program {
    const dataDir = cwd === undefined ? Deno.makeTempDirSync() : undefined;
    const elsewhere: Record<string, string> = dataDir === undefined ? {} : { SLUICE_DATA_DIR: dataDir };
    const command = ["run", "-A", "--no-check", SERVER, ...args];
    const program = Program.deno(command, { cwd, env: { ...elsewhere, ...env } });
    program.#dataDir = dataDir;
    return program;
  }

  /** What it has written to its standard output. */
  get out(): string {
    return this.#out;
  }

  /** What it has written to its standard error output. */
  get err(): string {
    return this.#err;
  }

  /** Waits until its output, the ordinary one unless said otherwise, matches. Fails when it ends before. */
  async until(pattern: RegExp, output: "out" | "err" = "out"): Promise<RegExpExecArray> {
    while (true) {
      const found = pattern.exec(this[output]);
      if (found) return found;
      if (this.#hasEnded) throw new Error(`${this.#name} ended without ${pattern}: ${this.#summary()}`);
      await patiently(this.#news.promise, () => `${this.#name} did not say ${pattern}: ${this.#summary()}`);
    }
  }

  /** Sends a signal, unless it has ended. */
  kill(signal: Deno.Signal): void {
    if (this.#isGone) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      // Deno knows of the end a moment before `status` says so.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Waits for its end. */
  over(): Promise<ProgramEnd> {
    return patiently(this.ended, () => `${this.#name} did not end: ${this.#summary()}`);
  }

  /** Asks it to stop, as an operator does, and waits for its end. */
  stop(signal: Deno.Signal = "SIGTERM"): Promise<ProgramEnd> {
    this.kill(signal);
    return this.over();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } catch (error) {
      this.kill("SIGKILL");
      await this.ended;
      throw error;
    }
  }

  async #untilEnd(): Promise<ProgramEnd> {
    await Promise.all([
      this.#read(this.#child.stdout, (text) => this.#out += text),
      this.#read(this.#child.stderr, (text) => this.#err += text),
    ]);
    const { code } = await this.#child.status;
    if (this.#dataDir !== undefined) Deno.removeSync(this.#dataDir, { recursive: true });
    this.#hasEnded = true;
    this.#news.resolve();
    return { code, out: this.#out, err: this.#err };
  }

  async #read(output: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
    for await (const text of output.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      add(text);
      const { resolve } = this.#news;
      this.#news = Promise.withResolvers();
      resolve();
    }
  }

  #summary(): string {
    return `\n${this.#out}\n${this.#err}`;
  }
}

/** The addresses in a banner. */
export interface BannerPorts {
  readonly http: number;
  readonly rtmp: number;
}

/** Waits for the banner of a server and reads its ports; 0 for what does not listen. */
export async function bannerPorts(server: Program): Promise<BannerPorts> {
  const [banner] = await server.until(/^Sluice [\d.]+ is running\n(?: {2}.*\n)+\n/m);
  const port = (name: string) => Number(new RegExp(` ${name}://[^:]+:(\\d+)`).exec(banner)?.[1] ?? 0);
  return { http: port("http"), rtmp: port("rtmp") };
}
