import { join } from "@std/path";
import { errorText } from "../../kernel/error_text.ts";
import { hasCode, type OpenFile } from "../../kernel/files/files.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { expandPath } from "../shared/path_template.ts";
import { type OpeningTags, RecordingFile } from "./recording_file.ts";
import { FLV_RECORD, newestPath, possibleNames } from "./recording_names.ts";
import type { Repairs } from "./repairs.ts";
import type { Mark, Unfinished } from "./unfinished.ts";

/** How often the disk is made to keep what was written, in milliseconds. */
const SYNC_MS = 1000;

/** What recordings are made with. */
export interface RecordingsOptions {
  /** Where they go. */
  readonly template: string;
  /** Whether what was written is to survive a loss of power. */
  readonly isSynced: boolean;
  readonly unfinished: Unfinished;
  readonly repairs: Repairs;
}

/** Makes the files of recordings and tells what becomes of them. */
export class Recordings {
  readonly #ctx: PluginContext;
  readonly #options: RecordingsOptions;

  constructor(ctx: PluginContext, options: RecordingsOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Makes the file of a stream's next recording, under a name that nothing has; it becomes the newest. */
  async create(stream: Stream, date: Date, seq: number): Promise<NewRecording> {
    const { vhost, app, name } = stream.key;
    const session = stream.toJSON().publisher?.session ?? "none";
    const base = expandPath(this.#options.template, { vhost, app, stream: name, date, session, seq });
    const names = possibleNames(base);
    while (true) {
      const made = await this.#make(stream, names.next().value);
      if (made) return made;
    }
  }

  async #make(stream: Stream, path: string): Promise<NewRecording | undefined> {
    const { files, dataDir } = this.#ctx;
    if (await files.facts(join(dataDir, path))) return undefined;
    const mark = await this.#options.unfinished.mark(stream.id, path);
    try {
      const file = await files.create(join(dataDir, path));
      return new NewRecording(this.#ctx, this.#options, { stream, mark, file });
    } catch (error) {
      await mark.clear().catch(() => {});
      if (hasCode(error, "EEXIST") && await files.facts(join(dataDir, path))) return undefined;
      throw error;
    }
  }
}

/** A recording from its first byte to its last. */
export class NewRecording {
  readonly #ctx: PluginContext;
  readonly #options: RecordingsOptions;
  readonly #stream: Stream;
  readonly #mark: Mark;
  readonly #file: OpenFile;
  #isAnnounced = false;

  constructor(
    ctx: PluginContext,
    options: RecordingsOptions,
    { stream, mark, file }: { stream: Stream; mark: Mark; file: OpenFile },
  ) {
    this.#ctx = ctx;
    this.#options = options;
    this.#stream = stream;
    this.#mark = mark;
    this.#file = file;
  }

  /** Writes what it begins with; tags follow. */
  async begin(opening: OpeningTags): Promise<RecordingFile> {
    const syncMs = this.#options.isSynced ? SYNC_MS : Infinity;
    try {
      return await RecordingFile.begin(this.#file, { clock: this.#ctx.clock, syncMs }, opening);
    } catch (error) {
      await this.#discard().catch(() => this.#options.repairs.add(this.#mark));
      throw error;
    }
  }

  /** There is something to be played: it becomes the newest recording, and is told of. */
  async announce(): Promise<void> {
    const { path, stream } = this.#mark;
    this.#isAnnounced = true;
    await this.#becomeNewest();
    this.#ctx.log.info(`Recording ${stream} in ${path}`, { stream, path });
    this.#ctx.tell("artifact:open", { stream, by: FLV_RECORD, path });
  }

  /** Completes the file and tells of it. */
  async complete(file: RecordingFile): Promise<void> {
    const seconds = await file.complete();
    await this.#completed(file, seconds);
  }

  /** Makes the best of what could be written before it failed; what cannot be done now is done later. */
  async abandoned(file: RecordingFile): Promise<void> {
    try {
      const seconds = await file.salvage();
      if (seconds === undefined) return await this.#discard();
      if (!this.#isAnnounced) await this.announce();
      await this.#completed(file, seconds);
    } catch {
      this.#options.repairs.add(this.#mark);
      await file.close();
    }
  }

  async #completed({ saved: bytes }: RecordingFile, seconds: number): Promise<void> {
    const { path, stream } = this.#mark;
    await this.#mark.clear();
    this.#ctx.log.info(`Recorded ${stream} in ${path}`, { stream, path, seconds, bytes });
    this.#ctx.tell("artifact:complete", { stream, by: FLV_RECORD, path, bytes, seconds });
  }

  /** There is nothing in it that anybody would miss. */
  async #discard(): Promise<void> {
    const { files, dataDir } = this.#ctx;
    await this.#file.close();
    await files.remove(join(dataDir, this.#mark.path));
    await this.#mark.clear();
  }

  /** A second name for the same bytes, put in its place in one step; disks that know no such names go without. */
  async #becomeNewest(): Promise<void> {
    const { files, dataDir, log } = this.#ctx;
    const scratch = join(dataDir, this.#mark.scratch);
    const newest = newestPath(this.#stream.key);
    try {
      await files.link(join(dataDir, this.#mark.path), scratch);
      await files.rename(scratch, join(dataDir, newest));
    } catch (error) {
      await files.remove(scratch).catch(() => {});
      const why = errorText(error);
      log.warn(`${this.#mark.path} cannot be had as ${newest}: ${why}`);
    }
  }
}
