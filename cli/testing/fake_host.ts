import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { CareSignal, Host, StopSignal } from "../host.ts";

/** What a fake machine has. */
export interface FakeHostOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  /** Texts by absolute path. */
  readonly files?: Record<string, string>;
  /** Modules by URL. */
  readonly modules?: Readonly<Record<string, unknown>>;
}

/** A machine with one folder, `/srv/media`, that remembers what was written. */
export class FakeHost implements Host {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd = "/srv/media";
  readonly columns: number;
  readonly clock = new FakeClock();
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** What the process was ended with, if it was. */
  readonly exits: number[] = [];
  readonly #listeners = new Set<{ readonly signal: StopSignal | CareSignal; readonly callback: () => void }>();
  readonly #options: FakeHostOptions;

  constructor(options: FakeHostOptions = {}) {
    this.#options = options;
    this.args = options.args ?? [];
    this.env = options.env ?? {};
    this.columns = options.columns ?? 100;
  }

  /** How many signals are listened for. */
  get listening(): number {
    return this.#listeners.size;
  }

  out(line: string): void {
    this.stdout.push(line);
  }

  err(line: string): void {
    this.stderr.push(line);
  }

  readTextFile(path: string): Promise<string> {
    const text = this.#options.files?.[path];
    return text === undefined ? Promise.reject(new Deno.errors.NotFound(path)) : Promise.resolve(text);
  }

  importModule(url: string): Promise<unknown> {
    const module = this.#options.modules?.[url];
    return module === undefined ? Promise.reject(new TypeError(`Module not found "${url}".`)) : Promise.resolve(module);
  }

  onSignal(signal: StopSignal | CareSignal, callback: () => void): Disposable {
    const listener = { signal, callback };
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  /** Sends the process a signal. */
  signal(signal: StopSignal | CareSignal): void {
    for (const listener of this.#listeners) if (listener.signal === signal) listener.callback();
  }
}
