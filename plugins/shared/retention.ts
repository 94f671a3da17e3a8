import { join } from "@std/path";
import { every } from "../../kernel/clock.ts";
import type { PluginContext } from "../../kernel/plugin.ts";

/** A recording that is complete. */
export interface Kept {
  /** The stream's id. */
  readonly stream: string;
  /** Files and folders below the data folder that go with it; the first names it. */
  readonly paths: readonly [string, ...string[]];
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
export interface RetentionOptions extends RetentionLimits {
  /** The plugin's name. */
  readonly name: string;
  /** All recordings that are complete. */
  list(): Promise<readonly Kept[]>;
}

const DAY_MS = 86_400_000;

/** How often it is looked for what can go, in milliseconds. */
const TIDY_MS = 60_000;

/**
 * The recordings that are to go, oldest first: those that are too old, then as many as it takes to keep within the total size
 * and to leave room on the disk. `freeBytes` is what is free now; undefined when nobody can tell.
 */
export function surplus(
  recordings: readonly Kept[],
  { keepDays, keepBytes, minFreeBytes }: RetentionLimits,
  now: Date,
  freeBytes: number | undefined,
): Kept[] {
  const oldestFirst = recordings.toSorted((a, b) => a.date.getTime() - b.date.getTime());
  let total = recordings.reduce((sum, { bytes }) => sum + bytes, 0);
  let free = freeBytes ?? Infinity;
  const isSurplus = ({ bytes, date }: Kept) => {
    const isOld = keepDays > 0 && now.getTime() - date.getTime() > keepDays * DAY_MS;
    const isTooMuch = keepBytes > 0 && total > keepBytes;
    if (!isOld && !isTooMuch && free >= minFreeBytes) return false;
    total -= bytes;
    free += bytes;
    return true;
  };
  return oldestFirst.filter(isSurplus);
}

/**
 * Removes what a sink need not keep any more: when the server starts, every minute, and whenever a recording is complete. What
 * is removed is told (`artifact:remove`) and logged. Does nothing while no limit is set.
 */
export function keepTidy(ctx: PluginContext, options: RetentionOptions): void {
  if (options.keepDays <= 0 && options.keepBytes <= 0 && options.minFreeBytes <= 0) return;
  const tidier = new Tidier(ctx, options);
  const timer = every(ctx.clock, TIDY_MS, () => void tidier.tidy());
  ctx.defer(() => timer[Symbol.dispose]());
  ctx.on("server:start", () => tidier.tidy());
  ctx.on("artifact:complete", ({ by }) => by === options.name ? tidier.tidy() : undefined);
}

class Tidier {
  readonly #ctx: PluginContext;
  readonly #options: RetentionOptions;
  #running?: Promise<void>;

  constructor(ctx: PluginContext, options: RetentionOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Never rejects; what is asked for while it is at work is done by then, or a minute later. */
  tidy(): Promise<void> {
    this.#running ??= this.#tidy().catch((error) => this.#failed(error)).finally(() => this.#running = undefined);
    return this.#running;
  }

  async #tidy(): Promise<void> {
    const { files, dataDir, clock } = this.#ctx;
    const recordings = await this.#options.list();
    const free = await files.freeBytes(dataDir);
    for (const recording of surplus(recordings, this.#options, clock.date(), free)) {
      if (this.#ctx.signal.aborted) return;
      await this.#remove(recording);
    }
  }

  async #remove({ stream, paths, bytes }: Kept): Promise<void> {
    const { files, dataDir, log } = this.#ctx;
    for (const path of paths.toReversed()) await files.remove(join(dataDir, path));
    log.info(`Removed ${paths[0]}, which need not be kept any more`, { stream, bytes });
    this.#ctx.tell("artifact:remove", { stream, by: this.#options.name, path: paths[0], bytes });
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#ctx.log.error(`Cannot remove what need not be kept any more: ${why}`, { error });
  }
}
