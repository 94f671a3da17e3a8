import { type Clock, every } from "../kernel/clock.ts";
import { ConfigError } from "../kernel/config/config.ts";
import { errorText } from "../kernel/error_text.ts";
import type { SettingsSources } from "./command.ts";
import type { Host } from "./host.ts";
import type { StartedServer } from "./start.ts";

/** How often the files of the settings are looked at, in milliseconds. */
const SETTINGS_CHECK_MS = 5000;

/** How often a server that is being emptied is looked at, in milliseconds. */
const DRAIN_CHECK_MS = 1000;

/**
 * What is done for a running server: its settings are read anew on SIGHUP and when their files have changed, and it is
 * emptied on SIGUSR2.
 */
export class ServerCare implements Disposable {
  readonly #server: StartedServer;
  readonly #host: Host;
  readonly #sources?: SettingsSources;
  readonly #undo = new DisposableStack();
  readonly #drained = Promise.withResolvers<void>();

  constructor(server: StartedServer, host: Host, sources: SettingsSources | undefined) {
    this.#server = server;
    this.#host = host;
    this.#sources = sources;
    this.#undo.use(host.onSignal("SIGUSR2", () => this.#drain()));
    this.#undo.use(host.onSignal("SIGHUP", () => void this.#reload("SIGHUP")));
    if (sources) {
      this.#undo.use(watchText(sources.content, host.clock, () => void this.#reload("A settings file changed")));
    }
  }

  /** Settles when a server that is being emptied is empty. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  [Symbol.dispose](): void {
    this.#undo.dispose();
  }

  async #reload(why: string): Promise<void> {
    if (!this.#sources) return;
    try {
      const { changed, restart } = await this.#server.reload((await this.#sources.read()).input);
      this.#host.err(`${why}: ${changed.length > 0 ? `${changed.join(", ")} changed` : "nothing changed"}.`);
      if (restart.length > 0) this.#host.err(`A new start is needed for ${restart.join(", ")}.`);
    } catch (error) {
      this.#host.err(`${why}, but the settings stay as they were:`);
      const problems = error instanceof ConfigError ? error.problems : [errorText(error)];
      for (const problem of problems) this.#host.err(`  ${problem}`);
    }
  }

  #drain(): void {
    this.#host.err("SIGUSR2: nobody is let in any more; the server stops when everybody has left.");
    this.#server.drain();
    const check = () => this.#server.sessions.size === 0 && this.#drained.resolve();
    check();
    this.#undo.use(every(this.#host.clock, DRAIN_CHECK_MS, check));
  }
}

/** Calls back when a text has changed and then stayed as it is from one look to the next: files are seldom written in one go. */
function watchText(read: () => Promise<string>, clock: Clock, changed: () => void): Disposable {
  let known: string | undefined;
  let seen: string | undefined;
  const look = async () => {
    const text = await read();
    known ??= text;
    if (text !== known && text === seen) {
      known = text;
      changed();
    }
    seen = text;
  };
  void look();
  return every(clock, SETTINGS_CHECK_MS, () => void look());
}
