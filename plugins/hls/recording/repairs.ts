import { dirname, join } from "@std/path";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { closePlaylist } from "./recorded_session.ts";
import { INDEX_NAME } from "./recording_names.ts";
import type { Mark, Unfinished } from "./unfinished.ts";

/** Completes recordings of streams whose home is here that broke off: by a crash of the server or of a worker, or because they could not be written any more. */
export class Repairs {
  readonly #ctx: PluginContext;
  readonly #unfinished: Unfinished;
  readonly #isOpen: (path: string) => boolean;
  #running?: Promise<void>;

  /** `isOpen` says whether a recording is just being written. */
  constructor(ctx: PluginContext, unfinished: Unfinished, isOpen: (path: string) => boolean) {
    this.#ctx = ctx;
    this.#unfinished = unfinished;
    this.#isOpen = isOpen;
  }

  /** Sees to all that there are; never rejects. What fails is tried again the next time. */
  run(): Promise<void> {
    return this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    try {
      for (const mark of await this.#unfinished.all()) {
        if (this.#ctx.signal.aborted) return;
        const isOurs = this.#ctx.isHome(mark.stream) && !this.#isOpen(mark.path);
        if (isOurs && await mark.isThere()) await this.#repair(mark);
      }
    } catch (error) {
      if (!this.#ctx.signal.aborted) this.#ctx.log.warn(`Recordings that broke off cannot be completed: ${error}`);
    }
  }

  async #repair(mark: Mark): Promise<void> {
    const { files, dataDir, log } = this.#ctx;
    const { stream, path } = mark;
    const folder = dirname(path);
    const isThere = await files.facts(join(dataDir, path)) !== undefined;
    const uris = new Set(isThere ? await closePlaylist(this.#ctx, path) : []);
    if (uris.size === 0) await files.remove(join(dataDir, folder));
    else await this.#removeOthers(folder, uris);
    await mark.clear();
    if (uris.size === 0) return;
    log.info(`Completed ${path}, which broke off`, { stream, segments: uris.size });
    this.#ctx.tell("artifact:complete", { stream, by: "hls", path });
  }

  /** Segments that were written, and whose lines were not. */
  async #removeOthers(folder: string, uris: ReadonlySet<string>): Promise<void> {
    const { files, dataDir } = this.#ctx;
    for (const { name } of await files.list(join(dataDir, folder))) {
      const isKept = uris.has(name) || name === INDEX_NAME || name.startsWith("init-");
      if (!isKept) await files.remove(join(dataDir, folder, name));
    }
  }
}
