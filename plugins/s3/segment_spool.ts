import { join } from "@std/path";
import { hasCode } from "../../kernel/files/files.ts";
import { readText } from "../shared/http/read_text.ts";
import type { Upload } from "./upload.ts";
import type { ListedSource } from "./listed_upload.ts";
import type { Listing } from "./listing.ts";
import { indexListing, onlyKnown, type SegmentIndex, segmentIndexOf } from "./live_index.ts";
import { folderOf } from "./paths.ts";
import type { UploadHost } from "./work.ts";

/** Where segments wait, below the data folder; nobody is served it. */
const SPOOL = ".s3/segments";

const INDEX = "index.json";

/**
 * Keeps live segments until they are sent. The next session of a stream takes their names away from them, so each gets a second
 * one here as soon as it is heard of, and loses it when the store has it.
 */
export class SegmentSpool implements ListedSource {
  readonly #host: UploadHost;

  constructor(host: UploadHost) {
    this.#host = host;
  }

  /** Removes what is kept of all uploads but these, whose numbers others will have; says of how many. */
  async removeOthers(known: ReadonlySet<number>): Promise<number> {
    const { files, dataDir } = this.#host;
    const others = (await files.list(join(dataDir, SPOOL))).filter(({ name }) => !known.has(Number(name)));
    for (const { name } of others) await files.remove(join(dataDir, SPOOL, name));
    return others.length;
  }

  /** The index of a folder as it is now; undefined when there is none. */
  async indexOf(folder: string): Promise<SegmentIndex | undefined> {
    const { files, dataDir } = this.#host;
    const text = await readText(files, join(dataDir, folder, INDEX));
    return text === undefined ? undefined : segmentIndexOf(text);
  }

  /** Keeps what an index names in its folder, and the index itself, as far as it names what could be kept. */
  async keep(upload: Upload, folder: string, index: SegmentIndex): Promise<void> {
    const { files, dataDir, ledger } = this.#host;
    const at = (name: string) => join(dataDir, this.fileOf(upload, name));
    // Brings the folder with it.
    if (!await files.facts(at(INDEX))) await files.replace(at(INDEX), JSON.stringify({ ...index, sources: [] }));
    const known = ledger.objects(upload.id);
    for (const name of indexListing(index).files) {
      if (known.has(name)) continue;
      const bytes = await this.#keepFile(join(dataDir, folder, name), at(name));
      if (bytes === undefined) continue;
      ledger.putObject(upload.id, name, bytes, false);
      known.set(name, false);
    }
    await files.replace(at(INDEX), JSON.stringify(onlyKnown(index, (name) => known.has(name))));
  }

  /** Nothing more comes, though the index does not say so: its session was replaced by another one. */
  async close(upload: Upload): Promise<void> {
    const index = await this.#kept(upload);
    if (index?.state === "live") await this.keep(upload, folderOf(folderOf(upload.path)), { ...index, state: "ended" });
  }

  async listing(upload: Upload): Promise<Listing | undefined> {
    const index = await this.#kept(upload);
    if (!index) return undefined;
    const listing = indexListing(index);
    // Segments that the index does not name any more go all the same.
    return { ...listing, files: [...new Set([...listing.files, ...this.#host.ledger.objects(upload.id).keys()])] };
  }

  fileOf({ id }: Upload, name: string): string {
    return `${SPOOL}/${id}/${name}`;
  }

  modified(): Promise<number> {
    return Promise.resolve(0);
  }

  async sent(upload: Upload, name: string): Promise<void> {
    const { files, dataDir } = this.#host;
    await files.remove(join(dataDir, this.fileOf(upload, name)));
  }

  async over({ id }: Upload): Promise<void> {
    const { files, dataDir } = this.#host;
    await files.remove(join(dataDir, SPOOL, String(id)));
  }

  /** Gives a file a second name, or where the disk has no second names, a copy; its size, undefined when it has gone. */
  async #keepFile(path: string, second: string): Promise<number | undefined> {
    const { files } = this.#host;
    const facts = await files.facts(path);
    if (!facts) return undefined;
    try {
      await files.link(path, second);
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      // It has its second name from before the server was killed.
      if (!hasCode(error, "EEXIST")) await this.#copy(path, second, facts.size);
    }
    return facts.size;
  }

  async #copy(path: string, second: string, bytes: number): Promise<void> {
    const { files } = this.#host;
    await using file = await files.open(path, "read");
    const content = new Uint8Array(bytes);
    for (let done = 0, count = -1; done < bytes && count !== 0; done += count) {
      count = await file.read(content.subarray(done), done);
    }
    await files.replace(second, content);
  }

  async #kept(upload: Upload): Promise<SegmentIndex | undefined> {
    const { files, dataDir } = this.#host;
    const text = await readText(files, join(dataDir, this.fileOf(upload, INDEX)));
    return text === undefined ? undefined : segmentIndexOf(text);
  }
}
