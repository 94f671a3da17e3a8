import { dirname, join } from "@std/path";
import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { heldRecordings } from "../shared/recordings/held_recordings.ts";
import { removeEmptyFolders } from "../shared/recordings/retention.ts";
import type { Ledger } from "./ledger.ts";
import type { Upload } from "./upload.ts";
import { folderOf } from "./paths.ts";

const HOUR_MS = 3_600_000;

/** So many recordings at once are looked at; the rest follows. */
const MOST_AT_ONCE = 100;

/** What could not be removed is left alone for so long, in milliseconds: somebody has to see to it first. */
const STUCK_MS = HOUR_MS;

/** Other names of the newest recording of a stream, which go when they mean the one that goes. */
const ALIASES = ["index.flv", "record.m3u8"];

/** What is needed to know what may go. */
export interface LocalCopiesOptions {
  readonly ledger: Ledger;
  /** How long files stay, in hours; `Infinity` to remove nothing. */
  keepHours(): number;
  /** Hears of a file that is not what the store has. */
  sendAgain(upload: Upload): Promise<void>;
  /** Whether there may be recordings that are to be sent and not known yet. */
  isUnsure(): boolean;
}

/**
 * Sees to what is here of recordings: nothing is removed for its age or size before the store has it, and, if that is wished,
 * everything some time after.
 */
export class LocalCopies {
  readonly #ctx: PluginContext;
  readonly #ledger: Ledger;
  readonly #options: LocalCopiesOptions;
  #removing?: Promise<void>;
  /** What could not be removed, and until when it is left alone. */
  readonly #stuck = new Map<number, number>();

  constructor(ctx: PluginContext, options: LocalCopiesOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#ledger = options.ledger;
    const held = heldRecordings(ctx).add((path) => this.#isHeld(path));
    ctx.defer(() => held[Symbol.dispose]());
  }

  /** Removes what has been in the store for long enough. Never rejects; what cannot be removed is tried again later. */
  remove(): Promise<void> {
    return this.#removing ??= this.#remove().finally(() => this.#removing = undefined);
  }

  /** Settles when nothing is at work any more; for when the plugin's signal has aborted. */
  async stopped(): Promise<void> {
    await this.#removing;
  }

  #isHeld(path: string): boolean {
    const upload = this.#ledger.of(path) ?? this.#ledger.of(`${path}/index.m3u8`);
    return upload ? upload.state !== "done" : this.#options.isUnsure();
  }

  async #remove(): Promise<void> {
    const keepMs = this.#options.keepHours() * HOUR_MS;
    if (keepMs === Infinity) return;
    const now = this.#ctx.clock.date().getTime();
    for (const upload of this.#ledger.doneBefore(now - keepMs, MOST_AT_ONCE + this.#stuck.size)) {
      if (this.#ctx.signal.aborted) return;
      if (now < (this.#stuck.get(upload.id) ?? 0)) continue;
      try {
        await this.#removeOne(upload);
        this.#stuck.delete(upload.id);
      } catch (error) {
        this.#stuck.set(upload.id, now + STUCK_MS);
        const why = errorText(error);
        this.#ctx.log.error(`Cannot remove ${upload.path}, which is in the store: ${why}`, { error });
      }
    }
  }

  async #removeOne(upload: Upload): Promise<void> {
    const { id, kind, path, stream, bytes, modified } = upload;
    const { files, dataDir, log } = this.#ctx;
    const facts = await files.facts(join(dataDir, path));
    if (!facts) return this.#ledger.gone(id);
    const isOther = facts.modified.getTime() !== modified || (kind === "file" && facts.size !== bytes);
    if (isOther) return await this.#options.sendAgain(upload);
    const what = kind === "hls" ? folderOf(path) : path;
    await this.#removeAliases(what, facts.id);
    await files.remove(join(dataDir, what));
    this.#ledger.gone(id);
    await removeEmptyFolders(this.#ctx, dirname(what));
    log.info(`Removed ${what}, which is in the store`, { stream, bytes });
    this.#ctx.tell("artifact:remove", { stream, by: "s3", path: what, bytes });
  }

  /** What leads to a session names it; what is a second name of a file is the same file. */
  async #removeAliases(what: string, id: string): Promise<void> {
    const { files, dataDir } = this.#ctx;
    for (const name of ALIASES) {
      const path = join(dataDir, folderOf(what), name);
      const alias = await files.facts(path);
      if (!alias) continue;
      const isLast = name.endsWith(".m3u8") && (await files.list(dirname(path))).length <= 2;
      if (alias.id === id || isLast) await files.remove(path);
    }
  }
}
