import { dirname, join } from "@std/path";
import { every } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { emptyFolder, endIndex, readIndex } from "./live_folder.ts";
import { LIVE_FOLDER, MERGE_FOLDER, SEPARATE_FOLDER, streamOfFolder } from "./places.ts";
import { dropFolders } from "./removals.ts";
import type { Turns } from "./turns.ts";

/** How often it is looked for what can go, in milliseconds. */
const SWEEP_MS = 60_000;

/** Folders of live segments lie in those of app and stream, and these may lie in that of a vhost. */
const LEAST_DEPTH = 2;
const MAX_DEPTH = 3;

interface Ended {
  readonly session: string;
  readonly endedAt: Date;
}

/** Takes the live segments of sessions away that ended long ago; their complete files stay. */
export class Sweeper {
  readonly #ctx: PluginContext;
  readonly #turns: Turns;
  readonly #keepMs: number;
  readonly #ended = new Map<string, Ended>();
  /** The folders that have been taken before all were looked through. */
  #taken?: Set<string> = new Set();
  #sweeping?: Promise<void>;

  /** Without `keepSeconds` they stay until the next session. */
  constructor(ctx: PluginContext, turns: Turns, keepSeconds: number) {
    this.#ctx = ctx;
    this.#turns = turns;
    this.#keepMs = keepSeconds * 1000;
    if (keepSeconds <= 0) return;
    const timer = every(ctx.clock, SWEEP_MS, () => void this.sweep());
    ctx.defer(async () => {
      timer[Symbol.dispose]();
      await this.#sweeping;
    });
  }

  /** A session takes a folder. For one at a time. */
  began(folder: string): void {
    this.#taken?.add(folder);
  }

  /** The session that a folder belongs to has ended. */
  note(folder: string, session: string, endedAt: Date): void {
    if (this.#keepMs > 0) this.#ended.set(folder, { session, endedAt });
  }

  /**
   * Finds the sessions of earlier runs, of streams whose home is here: those that were killed have ended now. New ones may
   * begin meanwhile.
   */
  async find(): Promise<void> {
    const now = this.#ctx.clock.date();
    for (const folder of await this.#folders(join(this.#ctx.dataDir, LIVE_FOLDER), 0)) {
      if (this.#ctx.signal.aborted) return;
      const key = this.#key(folder);
      const stream = streamOfFolder(key);
      const mayBeOurs = stream === undefined || this.#ctx.isHome(stream);
      if (mayBeOurs) await this.#turns.take(key, () => this.#look(folder, now));
    }
    this.#taken = undefined;
  }

  /** Takes away what is old enough. Never rejects. */
  sweep(): Promise<void> {
    return this.#sweeping ??= this.#sweep().finally(() => this.#sweeping = undefined);
  }

  async #look(folder: string, now: Date): Promise<void> {
    const { files, isHome } = this.#ctx;
    const index = await readIndex(files, folder);
    if (!index || !isHome(index.stream) || this.#taken?.has(folder)) return;
    if (index.state === "live") await endIndex(files, folder, now);
    if (index.sources.length > 0) this.note(folder, index.session, new Date(index.endedAt ?? now));
  }

  /** What cannot be taken away now holds up nothing else, and is tried again. */
  async #sweep(): Promise<void> {
    const limit = this.#ctx.clock.date().getTime() - this.#keepMs;
    for (const [folder, ended] of this.#ended) {
      if (ended.endedAt.getTime() > limit) continue;
      try {
        await this.#turns.take(this.#key(folder), () => this.#empty(folder, ended.session));
        if (this.#ended.get(folder) === ended) this.#ended.delete(folder);
      } catch (error) {
        const why = errorText(error);
        this.#ctx.log.error(`Cannot remove the live segments in ${folder}: ${why}`, { error });
      }
    }
  }

  /** Another session may have taken the folder meanwhile. */
  async #empty(folder: string, session: string): Promise<void> {
    const isEmptied = await emptyFolder(this.#ctx.files, folder, session);
    if (!isEmptied) return;
    this.#ctx.log.debug(`Removed the live segments in ${folder}`);
    await dropFolders(this.#ctx, this.#key(folder));
  }

  #key(folder: string): string {
    return dirname(folder).slice(join(this.#ctx.dataDir, "/").length);
  }

  async #folders(folder: string, depth: number): Promise<string[]> {
    const found: string[] = [];
    for (const { name, kind } of await this.#ctx.files.list(folder)) {
      if (kind !== "folder") continue;
      const path = join(folder, name);
      if (depth >= LEAST_DEPTH && (name === MERGE_FOLDER || name === SEPARATE_FOLDER)) found.push(path);
      if (depth < MAX_DEPTH) found.push(...await this.#folders(path, depth + 1));
    }
    return found;
  }
}
