import type { FileFacts } from "../../../kernel/files/files.ts";
import type { Caching, Resource, ResourceReading } from "./resource.ts";
import { fileTag } from "./shared_file.ts";
import type { SharedFiles } from "./shared_files.ts";

/** A resource that is a file, as large as it was when somebody asked for it. */
export class FileResource implements Resource {
  readonly #files: SharedFiles;
  readonly #facts: FileFacts;

  constructor(
    files: SharedFiles,
    readonly path: string,
    facts: FileFacts,
    readonly type: string,
    readonly caching: Caching,
  ) {
    this.#files = files;
    this.#facts = facts;
  }

  get size(): number {
    return this.#facts.size;
  }

  get tag(): string {
    return fileTag(this.#facts);
  }

  get modified(): Date {
    return this.#facts.modified;
  }

  open(): Promise<ResourceReading> {
    return this.#files.read(this.path, this.#facts);
  }
}
