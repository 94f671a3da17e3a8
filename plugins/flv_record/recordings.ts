import { dirname, join } from "@std/path";
import { hasCode, type OpenFile } from "../../kernel/files.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Stream } from "../../kernel/stream.ts";
import { expandPath } from "../shared/path_template.ts";
import { RECORDING_HEAD_BYTES } from "../../media/flv/recording_head.ts";
import { type OpeningTags, RecordingFile } from "./recording_file.ts";
import { FLV_RECORD, NEWEST_NAME, possibleNames, streamFolder } from "./recording_names.ts";
import type { Repairs } from "./repairs.ts";
import type { Mark, Unfinished } from "./unfinished.ts";

/** Makes the files of recordings and tells what becomes of them. */
export class Recordings {
  readonly #ctx: PluginContext;
  readonly #template: string;
  readonly #unfinished: Unfinished;
  readonly #repairs: Repairs;

  constructor(ctx: PluginContext, template: string, unfinished: Unfinished, repairs: Repairs) {
    this.#ctx = ctx;
    this.#template = template;
    this.#unfinished = unfinished;
    this.#repairs = repairs;
  }

  /** Makes the file of a stream's next recording, under a name that nothing has; it becomes the newest. */
  async create(stream: Stream, date: Date, seq: number): Promise<NewRecording> {
    const { vhost, app, name } = stream.key;
    const session = stream.toJSON().publisher?.session ?? "none";
    const base = expandPath(this.#template, { vhost, app, stream: name, date, session, seq });
    for (const path of possibleNames(base)) {
      const made = await this.#make(stream, path);
      if (made) return made;
    }
    throw new RangeError(`Cannot name a recording of ${stream.id}`);
  }

  async #make(stream: Stream, path: string): Promise<NewRecording | undefined> {
    const { files, dataDir } = this.#ctx;
    if (await files.facts(join(dataDir, path))) return undefined;
    const mark = await this.#unfinished.mark(stream.id, path);
    try {
      const file = await files.create(join(dataDir, path));
      return new NewRecording(this.#ctx, stream, mark, file, this.#repairs);
    } catch (error) {
      await mark.clear().catch(() => {});
      if (hasCode(error, "EEXIST")) return undefined;
      throw error;
    }
  }
}

/** A recording from its first byte to its last. */
export class NewRecording {
  readonly #ctx: PluginContext;
  readonly #stream: Stream;
  readonly #mark: Mark;
  readonly #file: OpenFile;
  readonly #repairs: Repairs;

  constructor(ctx: PluginContext, stream: Stream, mark: Mark, file: OpenFile, repairs: Repairs) {
    this.#ctx = ctx;
    this.#stream = stream;
    this.#mark = mark;
    this.#file = file;
    this.#repairs = repairs;
  }

  /** Writes the head and tells of the recording. */
  async begin(opening: OpeningTags): Promise<RecordingFile> {
    const { clock, log } = this.#ctx;
    const { path, stream } = this.#mark;
    try {
      const file = await RecordingFile.begin(this.#file, clock, opening);
      await this.#becomeNewest();
      log.info(`Recording ${stream} in ${path}`, { stream, path });
      this.#ctx.tell("artifact:open", { stream, by: FLV_RECORD, path });
      return file;
    } catch (error) {
      await this.#discard().catch(() => this.#repairs.add(this.#mark));
      throw error;
    }
  }

  /** Completes the file and tells of it. */
  async complete(file: RecordingFile): Promise<void> {
    const seconds = await file.complete();
    await this.#completed(file, seconds);
  }

  /** Makes the best of what could be written before it failed; what cannot be done now is done later. */
  async abandoned(file: RecordingFile): Promise<void> {
    try {
      if (file.saved <= RECORDING_HEAD_BYTES) return await this.#discard();
      const seconds = await file.salvage();
      await this.#completed(file, seconds);
    } catch {
      this.#repairs.add(this.#mark);
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
    const newest = join(dataDir, streamFolder(this.#stream.key), NEWEST_NAME);
    try {
      await files.link(join(dataDir, this.#mark.path), scratch);
      await files.rename(scratch, newest);
    } catch (error) {
      await files.remove(scratch).catch(() => {});
      const why = error instanceof Error ? error.message : String(error);
      log.warn(`${this.#mark.path} cannot be had as ${NEWEST_NAME} in ${dirname(newest)}: ${why}`);
    }
  }
}
