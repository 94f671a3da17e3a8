import { join } from "@std/path";
import { readText } from "../shared/read_text.ts";
import { digested, readDigested } from "./digests.ts";
import type { Upload } from "./ledger.ts";
import { beside, folderOf, nameOf } from "./paths.ts";
import { type Listing, listingOf } from "./playlist.ts";
import type { Progress, UploadHost, Work } from "./work.ts";

/** After an outage the playlist goes as often as so many segments have gone, so that players see how it comes on. */
const FILES_PER_PLAYLIST = 10;

/**
 * A playlist goes whole each time. Beyond so many bytes it goes no faster than this, so that a recording of many hours does not
 * send its list all the time.
 */
const SMALL_PLAYLIST = 64 * 1024;
const PLAYLIST_BYTES_PER_MS = 100;

/** What leads to the newest session of a stream, beside the sessions' folders. */
const ALIAS = "record.m3u8";

/**
 * Sends a recorded HLS session while it is made: each segment, and then the playlist that names it. So whoever plays from the
 * store never finds a name of something that is not there yet; a playlist is replaced in one step.
 *
 * Segments are read into memory whole: they are no larger than those that are made there.
 */
export class HlsUpload implements Work {
  readonly #host: UploadHost;
  readonly #id: number;
  #sent?: Map<string, boolean>;
  /** Counts how often there may have been more in the playlist. */
  #version = 0;
  #seen?: { readonly version: number; readonly listing: Listing | undefined };
  /** The playlist as the store has it. */
  #shown = "";
  #shownAt = -Infinity;
  #unshown = 0;
  #isPointed = false;

  constructor(host: UploadHost, id: number) {
    this.#host = host;
    this.#id = id;
  }

  changed(): void {
    this.#version++;
  }

  async step(signal: AbortSignal): Promise<Progress> {
    const { ledger, slots } = this.#host;
    const upload = ledger.get(this.#id);
    if (!upload) return "gone";
    const listing = await this.#listing(upload);
    if (!listing) {
      ledger.forget(this.#id);
      return "gone";
    }
    const sent = this.#sent ??= ledger.objects(this.#id);
    const next = listing.files.find((file) => !sent.has(file));
    if (next !== undefined && this.#unshown < FILES_PER_PLAYLIST) {
      await slots.run(() => this.#sendFile(upload, next, signal));
      return "more";
    }
    const text = listing.upTo((file) => sent.has(file));
    const isDue = upload.state !== "open" && next === undefined;
    if (text !== undefined && text !== this.#shown && (isDue || this.#mayShow(text))) {
      await slots.run(() => this.#show(upload, text, signal));
      return "more";
    }
    this.#unshown = 0;
    if (next !== undefined) return "more";
    return isDue ? await this.#done(upload) : "wait";
  }

  async #listing({ path }: Upload): Promise<Listing | undefined> {
    const { files, dataDir } = this.#host;
    const version = this.#version;
    if (this.#seen?.version === version) return this.#seen.listing;
    const text = await readText(files, join(dataDir, path));
    this.#seen = { version, listing: text === undefined ? undefined : listingOf(text) };
    return this.#seen.listing;
  }

  async #sendFile({ path, key }: Upload, name: string, signal: AbortSignal): Promise<void> {
    const { files, dataDir, store, ledger } = this.#host;
    const file = `${folderOf(path)}/${name}`;
    const length = (await files.facts(join(dataDir, file)))?.size ?? 0;
    const body = await readDigested(this.#host, file, { position: 0, length });
    await store.put(beside(key, name), body, signal);
    ledger.putObject(this.#id, name, length, true);
    this.#sent?.set(name, true);
    this.#unshown++;
  }

  #mayShow(text: string): boolean {
    const ms = this.#host.clock.now() - this.#shownAt;
    return text.length <= SMALL_PLAYLIST || ms >= text.length / PLAYLIST_BYTES_PER_MS;
  }

  async #show(upload: Upload, text: string, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#host;
    await store.put(upload.key, await digested(new TextEncoder().encode(text)), signal);
    this.#shown = text;
    this.#shownAt = clock.now();
    this.#unshown = 0;
    if (!this.#isPointed) await this.#point(upload, signal);
    this.#isPointed = true;
  }

  /** What leads to the newest session goes when that is this one. */
  async #point({ path, key }: Upload, signal: AbortSignal): Promise<void> {
    const { files, dataDir, store } = this.#host;
    const session = folderOf(path);
    const text = await readText(files, join(dataDir, folderOf(session), ALIAS));
    if (!text?.split("\n").includes(`${nameOf(session)}/${nameOf(path)}`)) return;
    await store.put(beside(folderOf(key), ALIAS), await digested(new TextEncoder().encode(text)), signal);
  }

  async #done({ id, path, sentBytes }: Upload): Promise<Progress> {
    const { files, dataDir, ledger, clock } = this.#host;
    const modified = (await files.facts(join(dataDir, path)))?.modified.getTime() ?? 0;
    ledger.done(id, { bytes: sentBytes, modified, now: clock.date().getTime() });
    return "done";
  }
}
