import { join } from "@std/path";
import { digested, FileGoneError, readDigested } from "./digests.ts";
import type { Upload } from "./upload.ts";
import type { Listing } from "./listing.ts";
import { beside } from "./paths.ts";
import { inTurn, type Progress, type UploadHost, type Work } from "./work.ts";

/** After an outage the list goes as often as so many files have gone, so that players see how it comes on. */
const FILES_PER_LIST = 10;

/**
 * A list goes whole each time. Beyond so many bytes it goes no faster than this, so that a recording of many hours does not
 * send its list all the time.
 */
const SMALL_LIST = 64 * 1024;
const LIST_BYTES_PER_MS = 100;

/** A file that was missing here so often is given up: who made it does not bring it back, and the rest is to be safe. */
const MOST_TRIES = 4;

/** A recording of many files, and a list of them. */
export interface ListedSource {
  /** What the list says now; undefined when there is none any more. */
  listing(upload: Upload): Promise<Listing | undefined>;
  /** Where a file of it lies, below the data folder. */
  fileOf(upload: Upload, name: string): string;
  /** When the list was changed last, in milliseconds since 1970. */
  modified(upload: Upload): Promise<number>;
  /** The store has a file. */
  sent?(upload: Upload, name: string): Promise<void>;
  /** The store has the first list. */
  shown?(upload: Upload, signal: AbortSignal): Promise<void>;
  /** The store has everything, or there is nothing any more. */
  over?(upload: Upload): Promise<void>;
}

/**
 * Sends a recording of many files while it is made: each file, and then the list that names it. So whoever plays from the store
 * never finds a name of something that is not there yet; a list is replaced in one step.
 *
 * Files are read into memory whole: they are no larger than those that are made there.
 */
export class ListedUpload implements Work {
  readonly #host: UploadHost;
  readonly #id: number;
  readonly #source: ListedSource;
  readonly #onLost: (upload: Upload, path: string) => void;
  /** How often files were missing here. */
  readonly #missing = new Map<string, number>();
  #sent?: Map<string, boolean>;
  /** Counts how often there may have been more in the list. */
  #version = 0;
  #seen?: { readonly version: number; readonly modified: number; readonly listing: Listing | undefined };
  /** The list as the store has it. */
  #shown = "";
  #shownAt = -Infinity;
  #unshown = 0;
  #hasShown = false;

  /** `onLost` hears of files that are given up, with where they were below the data folder. */
  constructor(
    host: UploadHost,
    id: number,
    source: ListedSource,
    onLost: (upload: Upload, path: string) => void = () => {},
  ) {
    this.#onLost = onLost;
    this.#host = host;
    this.#id = id;
    this.#source = source;
  }

  changed(): void {
    this.#version++;
  }

  async step(signal: AbortSignal): Promise<Progress> {
    const { ledger } = this.#host;
    const upload = ledger.get(this.#id);
    if (!upload) return "gone";
    const listing = await this.#listing(upload);
    if (!listing) return await this.#abandon(upload);
    const sent = this.#sent ??= ledger.objects(this.#id);
    const next = listing.files.find((file) => !sent.get(file) && !this.#isLost(file));
    if (next !== undefined && this.#unshown < FILES_PER_LIST) {
      await inTurn(this.#host, signal, () => this.#trySend(upload, next, signal));
      return "more";
    }
    const text = listing.upTo((file) => sent.get(file) === true, this.#isLost);
    const isDue = upload.state !== "open" && next === undefined;
    if (text !== undefined && text !== this.#shown && (isDue || this.#mayShow(text))) {
      await inTurn(this.#host, signal, () => this.#show(upload, text, signal));
      return "more";
    }
    this.#unshown = 0;
    if (next !== undefined) return "more";
    if (isDue && text === undefined && listing.files.some(this.#isLost)) return await this.#abandon(upload);
    return isDue ? await this.#done(upload) : "wait";
  }

  async #listing(upload: Upload): Promise<Listing | undefined> {
    const version = this.#version;
    if (this.#seen?.version === version) return this.#seen.listing;
    // Looked at before it is read: a change in between is one that has yet to be sent.
    const modified = await this.#source.modified(upload);
    this.#seen = { version, modified, listing: await this.#source.listing(upload) };
    return this.#seen.listing;
  }

  #isLost = (name: string): boolean => (this.#missing.get(name) ?? 0) >= MOST_TRIES;

  /** A disk of the network may show a file late, so it is not given up at once. */
  async #trySend(upload: Upload, name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#sendFile(upload, name, signal);
      this.#missing.delete(name);
    } catch (error) {
      if (!(error instanceof FileGoneError)) throw error;
      this.#missing.set(name, (this.#missing.get(name) ?? 0) + 1);
      if (!this.#isLost(name)) throw error;
      this.#onLost(upload, this.#source.fileOf(upload, name));
    }
  }

  async #sendFile(upload: Upload, name: string, signal: AbortSignal): Promise<void> {
    const { files, dataDir, store, ledger } = this.#host;
    const path = this.#source.fileOf(upload, name);
    const facts = await files.facts(join(dataDir, path));
    if (!facts) throw new FileGoneError(`${path} is not there any more`);
    const length = facts.size;
    using body = await readDigested(this.#host, path, { position: 0, length });
    await store.put(beside(upload.key, name), body, signal);
    ledger.putObject(this.#id, name, length, true);
    this.#sent?.set(name, true);
    this.#unshown++;
    await this.#source.sent?.(upload, name);
  }

  #mayShow(text: string): boolean {
    const ms = this.#host.clock.now() - this.#shownAt;
    return text.length <= SMALL_LIST || ms >= text.length / LIST_BYTES_PER_MS;
  }

  async #show(upload: Upload, text: string, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#host;
    await store.put(upload.key, await digested(new TextEncoder().encode(text)), signal);
    this.#shown = text;
    this.#shownAt = clock.now();
    this.#unshown = 0;
    if (!this.#hasShown) await this.#source.shown?.(upload, signal);
    this.#hasShown = true;
  }

  async #done(upload: Upload): Promise<Progress> {
    const { ledger, clock } = this.#host;
    const modified = this.#seen?.modified ?? 0;
    ledger.done(this.#id, { bytes: ledger.sentBytes(this.#id), modified, now: clock.date().getTime() });
    await this.#source.over?.(upload);
    return "done";
  }

  async #abandon(upload: Upload): Promise<Progress> {
    this.#host.ledger.forget(this.#id);
    await this.#source.over?.(upload);
    return "gone";
  }
}
