import { join } from "@std/path";
import { type FileFacts, type Files, hasCode } from "../../kernel/files/files.ts";
import { isServedPart } from "../shared/recordings/served_path.ts";
import { newestName } from "../shared/recordings/stamped_name.ts";

/** A file that may be served. */
export interface FoundFile {
  /** The path of the system. */
  readonly path: string;
  /** Below the data directory, with `/` between its parts; where an alias leads, not what it is called. */
  readonly name: string;
  readonly facts: FileFacts;
  readonly isAlias: boolean;
}

/** Names that stand for the newest recording beside them, unless a file has that name. */
const ALIASES: Readonly<Record<string, string>> = { "index.flv": "flv", "stream_full.mp4": "mp4" };

/** Finds files below the data directory, and never one beyond what is served. */
export class ServedFolder {
  readonly #files: Files;
  readonly #dataDir: string;
  #root?: Promise<string | undefined>;
  /** What is being looked up: thousands may ask for the same at once. */
  readonly #looking = new Map<string, Promise<FoundFile | undefined>>();

  constructor(files: Files, dataDir: string) {
    this.#files = files;
    this.#dataDir = dataDir;
  }

  /** The file that these parts name or, for an alias, stand for; undefined when there is none. */
  find(parts: readonly string[]): Promise<FoundFile | undefined> {
    const name = parts.join("/");
    let looking = this.#looking.get(name);
    if (!looking) {
      looking = this.#find(parts).finally(() => this.#looking.delete(name));
      this.#looking.set(name, looking);
    }
    return looking;
  }

  async #find(parts: readonly string[]): Promise<FoundFile | undefined> {
    const found = await this.#look(parts, false);
    const folder = parts.slice(0, -1);
    const extension = ALIASES[parts[parts.length - 1]];
    if (found || extension === undefined) return found && { ...found, isAlias: extension !== undefined };
    const entries = await this.#files.list(join(this.#dataDir, ...folder));
    const newest = newestName(entries.filter(({ kind }) => kind === "file").map(({ name }) => name), extension);
    return newest === undefined ? undefined : await this.#look([...folder, newest], true);
  }

  /** A link may lead to another place in the same folder of the top, as long as that is one that is served. */
  async #look(parts: readonly string[], isAlias: boolean): Promise<FoundFile | undefined> {
    const path = join(this.#dataDir, ...parts);
    try {
      const [root, real] = await Promise.all([this.#realRoot(), this.#files.realPath(path)]);
      if (root === undefined || real === undefined || !isWithin(real, join(root, parts[0]))) return undefined;
      const facts = await this.#files.facts(real);
      return facts?.kind === "file" ? { path: real, name: parts.join("/"), facts, isAlias } : undefined;
    } catch (error) {
      if (hasCode(error, "EACCES") || hasCode(error, "ENAMETOOLONG")) return undefined;
      throw error;
    }
  }

  async #realRoot(): Promise<string | undefined> {
    const root = await (this.#root ??= this.#files.realPath(this.#dataDir));
    if (root === undefined) this.#root = undefined;
    return root;
  }
}

function isWithin(path: string, folder: string): boolean {
  const [inside, rest] = [path.slice(0, folder.length), path.slice(folder.length)];
  return inside === folder && /^[/\\]/.test(rest) && rest.slice(1).split(/[/\\]/).every(isServedPart);
}
