import { dirname, join } from "@std/path";
import { every } from "../../../kernel/clock.ts";
import { errorText } from "../../../kernel/error_text.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { heldRecordings, type IsHeld } from "./held_recordings.ts";

/** A recording that is complete. */
export interface Kept {
  /** The stream's id. */
  readonly stream: string;
  /** Files and folders below the data folder, in the order in which they go; the first names it. */
  readonly paths: readonly [string, ...string[]];
  /** Another name of the first, or a copy, such as that of the newest; it goes before, unless it has come to be another file. */
  readonly alias?: string;
  readonly bytes: number;
  /** When it was made. */
  readonly date: Date;
}

/** How long recordings are kept; 0 for no limit. */
export interface RetentionLimits {
  readonly keepDays: number;
  /** Of all recordings of a sink together. */
  readonly keepBytes: number;
  /** Older recordings go before less than this is free on the disk. */
  readonly minFreeBytes: number;
}

/** What a sink is to be kept tidy by. */
export interface RetentionOptions {
  /** The plugin's name. */
  readonly name: string;
  /** How long recordings are kept at present. */
  limits(): RetentionLimits;
  /** All recordings that are complete. */
  list(): Promise<readonly Kept[]>;
  /** Sees to what is of no use without a recording that has been removed. */
  removed?(recording: Kept): Promise<void>;
}

const DAY_MS = 86_400_000;

/** How often it is looked for what can go, in milliseconds. */
const TIDY_MS = 60_000;

/** Looking through very many recordings takes time: between two looks for no other reason than that one is complete, so many times as much. */
const REST = 10;

/**
 * The recordings that are to go, oldest first: those that are too old, then as many as it takes to keep within the total size
 * and to leave room on the disk. `freeBytes` is what is free now; undefined when nobody can tell. What is held stays, however
 * old it is.
 */
export function surplus(
  recordings: readonly Kept[],
  { keepDays, keepBytes, minFreeBytes }: RetentionLimits,
  now: Date,
  freeBytes: number | undefined,
  isHeld: IsHeld = () => false,
): Kept[] {
  const oldestFirst = recordings.toSorted((a, b) => a.date.getTime() - b.date.getTime());
  let total = recordings.reduce((sum, { bytes }) => sum + bytes, 0);
  let free = freeBytes ?? Infinity;
  const isSurplus = ({ paths, bytes, date }: Kept) => {
    const isOld = keepDays > 0 && now.getTime() - date.getTime() > keepDays * DAY_MS;
    const isTooMuch = keepBytes > 0 && total > keepBytes;
    if (!isOld && !isTooMuch && free >= minFreeBytes || isHeld(paths[0])) return false;
    total -= bytes;
    free += bytes;
    return true;
  };
  return oldestFirst.filter(isSurplus);
}

/**
 * Removes what a sink need not keep any more: when the server starts, every minute, and whenever a recording is complete. What
 * is removed is told (`artifact:remove`) and logged. Does nothing while no limit is set. For the main isolate alone.
 */
export function keepTidy(ctx: PluginContext, options: RetentionOptions): void {
  const tidier = new Tidier(ctx, options);
  const timer = every(ctx.clock, TIDY_MS, () => void tidier.tidy());
  ctx.defer(() => timer[Symbol.dispose]());
  ctx.on("server:start", () => tidier.tidy());
  ctx.on("artifact:complete", ({ by }) => by === options.name ? tidier.grown() : undefined);
}

/**
 * Removes a folder below the data folder in which nothing is left, and those around it, but for the one that holds them all:
 * streams come and go by the thousand.
 */
export async function removeEmptyFolders(
  { files, dataDir }: Pick<PluginContext, "files" | "dataDir">,
  folder: string,
): Promise<void> {
  for (let at = folder; dirname(at) !== "."; at = dirname(at)) {
    if (!await files.removeEmpty(join(dataDir, at))) return;
  }
}

class Tidier {
  readonly #ctx: PluginContext;
  readonly #options: RetentionOptions;
  #running?: Promise<void>;
  #restsUntil = -Infinity;

  constructor(ctx: PluginContext, options: RetentionOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Never rejects; what is asked for while it is at work is done by then, or a minute later. */
  tidy(): Promise<void> {
    this.#running ??= this.#tidy().catch((error) => this.#failed(error)).finally(() => this.#running = undefined);
    return this.#running;
  }

  /** There is one more recording. */
  grown(): Promise<void> {
    return this.#ctx.clock.now() < this.#restsUntil ? Promise.resolve() : this.tidy();
  }

  async #tidy(): Promise<void> {
    const limits = this.#options.limits();
    if (limits.keepDays <= 0 && limits.keepBytes <= 0 && limits.minFreeBytes <= 0) return;
    const { files, dataDir, clock } = this.#ctx;
    const startedAt = clock.now();
    const recordings = await this.#options.list();
    this.#restsUntil = clock.now() + REST * (clock.now() - startedAt);
    const free = await files.freeBytes(dataDir);
    const stuck: { readonly path: string; readonly error: unknown }[] = [];
    const held = heldRecordings(this.#ctx);
    for (const recording of surplus(recordings, limits, clock.date(), free, (path) => held.has(path))) {
      if (this.#ctx.signal.aborted) return;
      await this.#remove(recording).catch((error) => stuck.push({ path: recording.paths[0], error }));
    }
    if (stuck.length > 0) this.#failed(stuck[0].error, stuck[0].path, stuck.length - 1);
  }

  async #remove(recording: Kept): Promise<void> {
    const { files, dataDir, log } = this.#ctx;
    const { stream, paths, alias, bytes } = recording;
    if (alias && await this.#isSame(alias, paths[0])) await files.remove(join(dataDir, alias));
    for (const path of paths) await files.remove(join(dataDir, path));
    await this.#options.removed?.(recording);
    for (const path of alias ? [alias, ...paths] : paths) await removeEmptyFolders(this.#ctx, dirname(path));
    log.info(`Removed ${paths[0]}, which need not be kept any more`, { stream, bytes });
    this.#ctx.tell("artifact:remove", { stream, by: this.#options.name, path: paths[0], bytes });
  }

  /** A newer recording may have taken the name since it was listed; a copy, on disks without second names, is as large. */
  async #isSame(alias: string, path: string): Promise<boolean> {
    const { files, dataDir } = this.#ctx;
    const [one, other] = await Promise.all([alias, path].map((each) => files.facts(join(dataDir, each))));
    return one !== undefined && (one.id === other?.id || one.size === other?.size);
  }

  #failed(error: unknown, path = "what need not be kept any more", others = 0): void {
    const why = errorText(error);
    const rest = others > 0 ? `, nor ${others} more` : "";
    this.#ctx.log.error(`Cannot remove ${path}${rest}: ${why}`, { error });
  }
}
