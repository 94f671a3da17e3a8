import { join } from "@std/path";
import { readText } from "../shared/http/read_text.ts";
import { digested } from "./digests.ts";
import type { Upload } from "./upload.ts";
import type { ListedSource } from "./listed_upload.ts";
import type { Listing } from "./listing.ts";
import { beside, folderOf, nameOf } from "./paths.ts";
import { listingOf } from "./playlist.ts";
import type { UploadHost } from "./work.ts";

/** What leads to the newest session of a stream, beside the sessions' folders. */
const ALIAS = "record.m3u8";

/** A recorded HLS session: a folder with its segments and its playlist. */
export class HlsSource implements ListedSource {
  readonly #host: UploadHost;

  constructor(host: UploadHost) {
    this.#host = host;
  }

  async listing({ path }: Upload): Promise<Listing | undefined> {
    const { files, dataDir } = this.#host;
    const text = await readText(files, join(dataDir, path));
    return text === undefined ? undefined : listingOf(text);
  }

  fileOf({ path }: Upload, name: string): string {
    return `${folderOf(path)}/${name}`;
  }

  async modified({ path }: Upload): Promise<number> {
    const { files, dataDir } = this.#host;
    return (await files.facts(join(dataDir, path)))?.modified.getTime() ?? 0;
  }

  /** What leads to the newest session goes when that is this one. */
  async shown({ path, key }: Upload, signal: AbortSignal): Promise<void> {
    const { files, dataDir, store } = this.#host;
    const session = folderOf(path);
    const text = await readText(files, join(dataDir, folderOf(session), ALIAS));
    if (!text?.split("\n").includes(`${nameOf(session)}/${nameOf(path)}`)) return;
    await store.put(beside(folderOf(key), ALIAS), await digested(new TextEncoder().encode(text)), signal);
  }
}
