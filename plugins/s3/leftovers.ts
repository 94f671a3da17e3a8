import { join } from "@std/path";
import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { type Recording, RecordingList } from "../shared/recordings/recording_list.ts";
import { WrittenFiles } from "../shared/recordings/written_files.ts";
import type { Intake } from "./intake.ts";
import type { Upload } from "./upload.ts";
import type { S3Settings } from "./settings.ts";
import type { Uploads } from "./uploads.ts";

/** A recording of an earlier run that nobody has touched for so long will not be completed by its recorder, in milliseconds. */
const SETTLED_MS = 60_000;

/** A file that is as old as this run of the server, below the data folder. */
const START_FILE = ".s3/start";

/** So many recordings are looked at together. */
const PAGE = 500;

interface Orphan {
  readonly upload: Upload;
  bytes: number;
  modified: number;
  /** When it was first seen as it is, by the clock. */
  since: number;
}

/**
 * Sees to recordings of which nobody tells in this run of the server: those that were growing when it was killed, and whose
 * recorder does not run any more, and those that were completed in the moment when it was.
 */
export class Leftovers {
  readonly #ctx: PluginContext;
  readonly #settings: S3Settings;
  readonly #uploads: Uploads;
  readonly #intake: Intake;
  readonly #list: RecordingList;
  #isUnsure = true;
  #isFinding = false;
  /** What was wrong when recordings were looked for last. */
  #fault = "";
  readonly #orphans = new Map<number, Orphan>();
  #work: Promise<void> = Promise.resolve();

  constructor(ctx: PluginContext, settings: S3Settings, uploads: Uploads, intake: Intake) {
    this.#ctx = ctx;
    this.#settings = settings;
    this.#uploads = uploads;
    this.#intake = intake;
    this.#list = new RecordingList(ctx.files, ctx.dataDir, new WrittenFiles(ctx), ctx.clock);
  }

  /** Looks at what there is; for the start. */
  find(): void {
    for (const upload of this.#uploads.ledger.left()) {
      if (upload.state === "open" && upload.kind !== "segments") {
        this.#orphans.set(upload.id, { upload, bytes: -1, modified: -1, since: 0 });
      }
    }
    this.#find();
  }

  /** Whether there may be recordings that are to be sent and of which nothing is known. */
  get isUnsure(): boolean {
    return this.#isUnsure || this.#isFinding;
  }

  /** What a recorder told could not be noted: it is looked for as what was there at the start. */
  missed(): void {
    this.#isUnsure = true;
  }

  /** Looks whether what was growing is still touched, and once more for what could not be looked at or noted. */
  look(): void {
    if (this.#isUnsure) this.#find();
    if (this.#orphans.size > 0) this.#then(() => this.#lookAll());
  }

  /** Settles when nothing is at work any more; for when the plugin's signal has aborted. */
  async stopped(): Promise<void> {
    await this.#work;
  }

  #find(): void {
    if (this.#isFinding) return;
    this.#isFinding = true;
    this.#then(() => this.#findAll().finally(() => this.#isFinding = false));
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      try {
        if (!this.#ctx.signal.aborted) await work();
      } catch (error) {
        const why = errorText(error);
        if (why === this.#fault) return;
        this.#fault = why;
        this.#ctx.log.error(`Cannot look for recordings that are not in the store yet: ${why}; they stay here`, {
          error,
        });
      }
    });
  }

  /** Of what is written from now on its recorder tells. */
  async #findAll(): Promise<void> {
    this.#isUnsure = false;
    try {
      await this.#findEach();
      this.#fault = "";
    } catch (error) {
      this.#isUnsure = true;
      throw error;
    }
  }

  async #findEach(): Promise<void> {
    const startedAt = await this.#diskTime();
    const begunAt = this.#settings.existing ? -Infinity : this.#uploads.ledger.begunAt(startedAt);
    const isNew = ({ modified }: Recording) => modified.getTime() >= begunAt && modified.getTime() < startedAt;
    for (const kind of (["flv", "mp4", "hls"] as const).filter((each) => this.#settings.what.includes(each))) {
      for (let offset = 0;; offset += PAGE) {
        const { recordings, total } = await this.#list.page({ kind, offset, limit: PAGE });
        for (const recording of recordings) if (isNew(recording)) await this.#add(recording);
        if (offset + PAGE >= total || this.#ctx.signal.aborted) break;
      }
    }
  }

  /** What time it is for the disk, which may be another machine's. */
  async #diskTime(): Promise<number> {
    const { files, dataDir } = this.#ctx;
    const path = join(dataDir, START_FILE);
    await files.replace(path, "");
    return (await files.facts(path))?.modified.getTime() ?? 0;
  }

  async #add({ path, stream, isWritten }: Recording): Promise<void> {
    const at = path.slice(1);
    if (isWritten || this.#ctx.signal.aborted || this.#uploads.ledger.of(at)) return;
    await this.#intake.complete({ path: at, stream, by: "" });
  }

  async #lookAll(): Promise<void> {
    const { files, dataDir, clock } = this.#ctx;
    for (const [id, orphan] of this.#orphans) {
      if (this.#uploads.ledger.get(id)?.state !== "open") {
        this.#orphans.delete(id);
        continue;
      }
      const facts = await files.facts(join(dataDir, orphan.upload.path));
      const [bytes, modified] = [facts?.size ?? 0, facts?.modified.getTime() ?? 0];
      if (bytes !== orphan.bytes || modified !== orphan.modified) {
        Object.assign(orphan, { bytes, modified, since: clock.now() });
      } else if (clock.now() - orphan.since >= SETTLED_MS) {
        this.#orphans.delete(id);
        await this.#uploads.complete(orphan.upload);
      }
    }
  }
}
