import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { UploadWish } from "./upload.ts";
import { folderOf } from "./paths.ts";
import type { SegmentSpool } from "./segment_spool.ts";
import type { Uploads } from "./uploads.ts";

/** A folder of live segments: whose it is, and where its objects go. */
export type SegmentFolder = Pick<UploadWish, "stream" | "by"> & {
  /** Below the data folder. */
  readonly folder: string;
  /** What stands before the paths of its files in the names of objects. */
  readonly prefix: string;
};

/** A folder, and the uploads of sessions in it that may not have ended. */
interface KnownFolder {
  readonly at: SegmentFolder;
  readonly open: Set<number>;
}

/**
 * Follows folders of live segments: each session that is in one becomes an upload of its own, whose objects lie in a folder with
 * the session's name.
 */
export class SegmentIntake {
  readonly #ctx: PluginContext;
  readonly #uploads: Uploads;
  readonly #spool: SegmentSpool;
  readonly #folders = new Map<string, KnownFolder>();
  #work: Promise<void> = Promise.resolve();

  constructor(ctx: PluginContext, uploads: Uploads, spool: SegmentSpool) {
    this.#ctx = ctx;
    this.#uploads = uploads;
    this.#spool = spool;
  }

  /** Goes on with what an earlier run of the server has left. */
  resume(): void {
    this.#then(() => this.#clean(), "remove what was kept of live segments that nobody knows");
    for (const { id, kind, path, key, stream, by } of this.#uploads.ledger.left()) {
      if (kind !== "segments") continue;
      const folder = folderOf(folderOf(path));
      const prefix = key.slice(0, key.length - path.length);
      this.#known({ folder, stream, by, prefix }).open.add(id);
    }
    for (const folder of this.#folders.keys()) this.#look(folder);
  }

  /** There is one more segment in a folder. */
  note(at: SegmentFolder): void {
    this.#look(at.folder, at);
  }

  /** Something of a stream is complete: maybe the session has ended. */
  ended(stream: string): void {
    for (const [folder, { at }] of this.#folders) if (at.stream === stream) this.#look(folder);
  }

  /** Settles when nothing is at work any more; for when the plugin's signal has aborted. */
  async stopped(): Promise<void> {
    await this.#work;
  }

  /** `at` makes a folder known in its turn: what is looked at before may make it forgotten. */
  #look(folder: string, at?: SegmentFolder): void {
    this.#then(async () => {
      if (at) this.#known(at);
      await this.#keep(folder);
    }, `keep the live segments in ${folder} for the store`);
  }

  /** One thing after the other; `what` cannot be done when it fails. */
  #then(task: () => Promise<void>, what: string): void {
    this.#work = this.#work.then(async () => {
      try {
        if (!this.#ctx.signal.aborted) await task();
      } catch (error) {
        this.#ctx.log.error(`Cannot ${what}: ${errorText(error)}`, { error });
      }
    });
  }

  /** Where the ledger was lost, its numbers begin anew. */
  async #clean(): Promise<void> {
    const left = this.#uploads.ledger.left().filter(({ kind }) => kind === "segments").map(({ id }) => id);
    const count = await this.#spool.removeOthers(new Set(left));
    if (count > 0) this.#ctx.log.warn(`Removed live segments of ${count} sessions, which no upload is known to need`);
  }

  #known(at: SegmentFolder): KnownFolder {
    let known = this.#folders.get(at.folder);
    if (!known) this.#folders.set(at.folder, known = { at, open: new Set() });
    return known;
  }

  async #keep(folder: string): Promise<void> {
    const known = this.#folders.get(folder);
    if (!known) return;
    const { stream, by, prefix } = known.at;
    const index = await this.#spool.indexOf(folder);
    const path = index && `${folder}/${index.session}/index.json`;
    const upload = path === undefined
      ? undefined
      : this.#uploads.ledger.add({ kind: "segments", stream, by, path, key: prefix + path }, "open", this.#now);
    for (const id of known.open) if (id !== upload?.id) await this.#close(id);
    known.open.clear();
    if (upload) known.open.add(upload.id);
    if (!index || !upload || upload.state === "done") return void this.#folders.delete(folder);
    await this.#spool.keep(upload, folder, index);
    if (index.state !== "ended") return void this.#uploads.open(upload);
    await this.#uploads.complete(upload);
    this.#folders.delete(folder);
  }

  /** Its session has been replaced by another one. */
  async #close(id: number): Promise<void> {
    const upload = this.#uploads.ledger.get(id);
    if (upload?.state !== "open") return;
    await this.#spool.close(upload);
    await this.#uploads.complete(upload);
  }

  get #now(): number {
    return this.#ctx.clock.date().getTime();
  }
}
