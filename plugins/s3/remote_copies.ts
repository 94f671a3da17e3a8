import { newerFirst, stampedName } from "../shared/recordings/stamped_name.ts";
import { Turns } from "../shared/turns.ts";
import type { Ledger } from "./ledger.ts";
import type { Upload } from "./upload.ts";
import { objectUrl } from "./location.ts";
import { beside, folderOf, nameOf } from "./paths.ts";
import type { S3Settings } from "./settings.ts";
import type { Store } from "./store.ts";

/** The settings that say how what is in the store can be read. */
type ReadingSettings = Pick<S3Settings, "publicUrl" | "signedSeconds">;

/** Names under which the newest recording of a stream is asked for, and how many folders above them its recordings are. */
const ALIASES: Readonly<Record<string, { readonly end: string; readonly up: number }>> = {
  "index.flv": { end: ".flv", up: 1 },
  "stream_full.mp4": { end: ".mp4", up: 2 },
  "record.m3u8": { end: "/index.m3u8", up: 1 },
};

/**
 * The newest recording is among so many whose names come last: names are times, and those of one second are few. Whoever asks
 * for the newest again and again does not have all that there ever was looked through.
 */
const MOST_LOOKED_AT = 100;

/** So many texts are read from the store at once, and so many may wait: they are in memory, and anybody may ask. */
const READ_AT_ONCE = 4;
const MAY_WAIT = 64;

/** Where what is in the store can be had. */
export class RemoteCopies {
  readonly #ledger: Ledger;
  readonly #store: Store;
  readonly #settings: ReadingSettings;
  readonly #turns = new Turns(READ_AT_ONCE, MAY_WAIT);
  readonly #reading = new Map<string, Promise<string | undefined>>();

  constructor(ledger: Ledger, store: Store, settings: ReadingSettings) {
    this.#ledger = ledger;
    this.#store = store;
    this.#settings = settings;
  }

  /** Whether everybody can read the bucket. */
  get isPublic(): boolean {
    return this.#settings.publicUrl !== undefined;
  }

  /** The object that a file, named by its path below the data folder, has become; undefined when the store has none. */
  find(path: string): string | undefined {
    const whole = this.#ledger.of(path);
    if (whole) return whole.state === "done" ? whole.key : undefined;
    const folder = folderOf(path);
    for (const name of ["index.m3u8", "index.json"]) {
      const session = this.#ledger.of(`${folder}/${name}`);
      if (session?.state === "done") return beside(session.key, nameOf(path));
    }
  }

  /** The path of the recording that is meant by a name that always means the newest one; undefined for every other name. */
  newest(path: string): string | undefined {
    const alias = ALIASES[nameOf(path)];
    if (!alias) return undefined;
    let folder = path;
    for (let i = 0; i < alias.up; i++) folder = folderOf(folder);
    const stamps = this.#ledger.lastDone(folder, MOST_LOOKED_AT).flatMap((found) => {
      const name = found.slice(folder.length + 1);
      const stamp = name.endsWith(alias.end) ? stampedName(name.replace(/\/index\.m3u8$/, "")) : undefined;
      return stamp ? [{ found, stamp }] : [];
    });
    return stamps.sort((a, b) => newerFirst(a.stamp, b.stamp)).at(0)?.found;
  }

  /** The address at which an object can be read, or with `HEAD` looked at; for a while when not everybody may. */
  urlOf(key: string, method: "GET" | "HEAD" = "GET"): Promise<string> {
    if (this.isPublic) return Promise.resolve(this.plainUrlOf(key));
    return this.#store.signedUrl(key, this.#settings.signedSeconds, method);
  }

  /** The address of an object, for those who may read it as it is. */
  plainUrlOf(key: string): string {
    const { publicUrl } = this.#settings;
    return publicUrl === undefined ? this.#store.url(key) : objectUrl(publicUrl, key);
  }

  /** The address of a recording that the store has. */
  async addressOf({ state, key }: Upload): Promise<string | null> {
    return state === "done" ? await this.urlOf(key) : null;
  }

  /**
   * The text of an object, read once for all who ask for it at a time; undefined when there is none.
   *
   * @throws {Refusal} when too many are asked for
   */
  textOf(key: string, signal: AbortSignal): Promise<string | undefined> {
    const reading = this.#reading.get(key) ?? this.#turns.run(() => this.#store.read(key, signal))
      .finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }
}
