import { dirname, join } from "@std/path";
import type { Timer } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import { hasCode } from "../../kernel/files/files.ts";
import type { StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Catalogue } from "./catalogue.ts";
import { type CompleteMovie, completeMovie } from "./complete_movie.ts";
import { readText } from "../shared/http/read_text.ts";
import { linkOrCopy, numbered } from "./disk.ts";
import { amendEnded, FULL_FILE } from "./live_folder.ts";
import { MERGE_FOLDER, placesOf } from "./places.ts";
import { readFacts, type RecordingFacts, sourcesOf } from "./recording_folder.ts";
import type { Turns } from "./turns.ts";

/** The complete file before it has its name: half of it, then all of it. */
const HALF_FILE = "complete.part";
const WHOLE_FILE = "complete.mp4";

/** What is known of it. */
const FIGURES_FILE = "complete.json";

/** The pauses before another attempt, in seconds: a full disk is not emptied in a moment. */
const RETRY_SECONDS = [10, 60, 300, 900];

/** A server that stops waits so long, in milliseconds, for recordings to be completed; the next start does the rest. */
const STOP_MS = 2000;

/** What a finisher works with. */
export interface FinisherHost {
  readonly ctx: PluginContext;
  readonly catalogue: Catalogue;
  readonly turns: Turns;
  /** So many bytes are to stay free on the disk. */
  readonly minFreeBytes: number;
}

/**
 * Makes complete files of recordings that are over, one after the other in the background, and tries again when that fails.
 *
 * The invariant: a recording's folder is removed only when its complete file has its name; at any moment before, all can be
 * done again from the folder.
 */
export class Finisher {
  readonly #host: FinisherHost;
  readonly #queue: { readonly folder: string; readonly failures: number }[] = [];
  readonly #timers = new Set<Timer>();
  readonly #stopping = new AbortController();
  #working?: Promise<void>;

  constructor(host: FinisherHost) {
    this.#host = host;
  }

  /** Completes the recording in a folder, in its turn. */
  add(folder: string, failures = 0): void {
    if (this.#stopping.signal.aborted) return;
    this.#queue.push({ folder, failures });
    this.#working ??= this.#work();
  }

  /** A session has ended, some parts of which may be complete already. */
  async ended(key: StreamKey, session: string): Promise<void> {
    const { catalogue, turns } = this.#host;
    await turns.take(dirname(placesOf(key).merge), async () => {
      if (await catalogue.hasSession(key, session)) await this.#tellIndexes(key, session);
    });
  }

  /** Settles when there is nothing to do, or the time is over. */
  async close(): Promise<void> {
    const { clock } = this.#host.ctx;
    this.#disarm();
    using _timer = clock.setTimeout(() => this.#stopping.abort(), STOP_MS);
    await this.#working;
    this.#stopping.abort();
    this.#disarm();
  }

  #disarm(): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (this.#stopping.signal.aborted) break;
      await this.#attempt(next.folder, next.failures);
    }
    this.#working = undefined;
  }

  async #attempt(folder: string, failures: number): Promise<void> {
    const { ctx } = this.#host;
    const facts = await readFacts(ctx.files, folder).catch(() => undefined);
    if (!facts) return ctx.log.error(`Cannot complete the recording in ${folder}: nothing says what it is`);
    try {
      await this.#complete(folder, facts);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#failed(folder, facts, failures, error);
      else ctx.log.info(`${facts.path} will be completed at the next start`, { stream: facts.stream });
    }
  }

  async #complete(folder: string, facts: RecordingFacts): Promise<void> {
    const { ctx, catalogue } = this.#host;
    const movie = await this.#make(folder, facts);
    if (!movie) {
      await ctx.files.remove(folder);
      return ctx.log.debug(`The recording of ${facts.stream} for ${facts.path} has nothing in it`);
    }
    const path = await this.#name(join(folder, WHOLE_FILE), facts.path);
    const { inits: _inits, ...rest } = facts;
    const { bytes, seconds } = movie;
    const entry = { ...rest, path, bytes, seconds, completedAt: ctx.clock.date().toISOString() };
    await this.#offer(entry);
    await catalogue.add(entry);
    await ctx.files.remove(folder);
    ctx.log.info(`${path} is complete: ${seconds.toFixed(1)} s, ${bytes} bytes`, { stream: facts.stream });
    ctx.tell("artifact:complete", { stream: facts.stream, by: "fmp4", path, bytes, seconds });
  }

  /** Makes the whole file in the folder, unless an attempt before has got so far. */
  async #make(folder: string, facts: RecordingFacts): Promise<CompleteMovie | undefined> {
    const { files } = this.#host.ctx;
    const [half, whole, figures] = [HALF_FILE, WHOLE_FILE, FIGURES_FILE].map((name) => join(folder, name));
    if (await files.facts(whole)) return JSON.parse(await readText(files, figures) ?? "");
    await files.remove(half);
    const sources = await sourcesOf(files, folder, facts);
    await this.#checkRoom(sources);
    const movie = await completeMovie(files, sources, half, this.#stopping.signal);
    if (!movie) return undefined;
    await files.replace(figures, JSON.stringify(movie));
    await files.rename(half, whole);
    return movie;
  }

  /** The complete file is there beside what it is made from, for a moment. */
  async #checkRoom(sources: readonly string[]): Promise<void> {
    const { ctx: { files, dataDir }, minFreeBytes } = this.#host;
    let needed = minFreeBytes;
    for (const path of sources) needed += (await files.facts(path))?.size ?? 0;
    const free = await files.freeBytes(dataDir);
    if (free === undefined || free >= needed) return;
    const [has, needs] = [free, needed].map((bytes) => Math.ceil(bytes / 1_000_000));
    throw new Error(`only ${has} MB are free on the disk, and it takes ${needs} MB`);
  }

  /** Gives the whole file its name, or the next one that is free; a name that it has already is its name. */
  async #name(whole: string, wanted: string): Promise<string> {
    const { files, dataDir } = this.#host.ctx;
    const own = (await files.facts(whole))?.id;
    for (let attempt = 1;; attempt++) {
      const path = numbered(wanted, attempt);
      const taken = await files.facts(join(dataDir, path));
      if (taken?.id === own) return path;
      if (taken) continue;
      try {
        await linkOrCopy(files, whole, join(dataDir, path));
        return path;
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
    }
  }

  /** Puts the newest recording where the newest one is looked for. */
  async #offer(entry: { key: StreamKey; session: string; part: number; path: string }): Promise<void> {
    const { ctx: { files, dataDir }, catalogue, turns } = this.#host;
    const { merge } = placesOf(entry.key);
    await turns.take(dirname(merge), async () => {
      if (!await catalogue.isNewest(entry)) return;
      const [full, fresh] = [FULL_FILE, `.${FULL_FILE}`].map((name) => join(dataDir, merge, name));
      await files.remove(fresh);
      await linkOrCopy(files, join(dataDir, entry.path), fresh);
      await files.rename(fresh, full);
      await this.#tellIndexes(entry.key, entry.session);
    });
  }

  /** The indexes of a session that has ended say that it has a complete file; of one that lasts they are its recorder's. */
  async #tellIndexes(key: StreamKey, session: string): Promise<void> {
    const { files, dataDir } = this.#host.ctx;
    const { merge, separate } = placesOf(key);
    await amendEnded(files, join(dataDir, merge), session, { full: FULL_FILE });
    await amendEnded(files, join(dataDir, separate), session, { full: `../${MERGE_FOLDER}/${FULL_FILE}` });
  }

  #failed(folder: string, { stream, path }: RecordingFacts, failures: number, error: unknown): void {
    const { ctx } = this.#host;
    const retrySeconds = RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)];
    const problem = errorText(error).split("\n")[0];
    const kept = "what was recorded is kept";
    ctx.log.error(`Cannot complete ${path}: ${problem}; ${kept}, trying again in ${retrySeconds} s`, { stream, error });
    ctx.tell("artifact:fail", { stream, by: "fmp4", problem: `cannot complete ${path}: ${problem}`, retrySeconds });
    const timer = ctx.clock.setTimeout(() => {
      this.#timers.delete(timer);
      this.add(folder, failures + 1);
    }, retrySeconds * 1000);
    this.#timers.add(timer);
  }
}
