import { createHash } from "node:crypto";

/**
 * How long caches may keep an answer: `never` at all, `revalidate` to ask each time whether it has changed, `immutable` as
 * long as they like because the address will never lead to anything else, or for so many seconds.
 */
export type Caching = "never" | "revalidate" | "immutable" | { readonly seconds: number };

/** What can be served at an address: bytes whose number is known, and what has to be said of them. */
export interface Resource {
  /** The media type, for `Content-Type`. */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** Tells this content from any other at the same address: a strong entity tag without its quotes (RFC 9110, 8.8.3). */
  readonly tag: string;
  readonly modified?: Date;
  readonly caching: Caching;
  /** Begins to read for one answer that has a body. Rejects when the content has gone. */
  open(): ResourceReading | Promise<ResourceReading>;
}

/** One answer's reading of a resource; it holds what it needs until it is closed. */
export interface ResourceReading {
  /**
   * What stands at a position that lies within the resource: one byte or more, as it suits the resource. They are shared,
   * not to be written to, and may be let go at the next call. Nothing when the content has become shorter.
   */
  read(position: number): Uint8Array | Promise<Uint8Array>;
  /** Lets go of everything; a second time it does nothing. */
  close(): void;
}

/** What there is to say of bytes in memory. */
export interface MemoryResourceFacts extends Pick<Resource, "type" | "caching" | "modified"> {
  /** By default made from the bytes when it is first asked for. */
  readonly tag?: string;
}

/** How much of a hash is a tag: enough that two contents never share one. */
const TAG_LENGTH = 16;

/** A resource of bytes in memory, which are sent as they are: they must not be written to. */
export class MemoryResource implements Resource, ResourceReading {
  readonly type: string;
  readonly caching: Caching;
  readonly modified?: Date;
  readonly #bytes: Uint8Array;
  #tag?: string;

  constructor(bytes: Uint8Array, { type, caching, modified, tag }: MemoryResourceFacts) {
    this.#bytes = bytes;
    this.type = type;
    this.caching = caching;
    this.modified = modified;
    this.#tag = tag;
  }

  get size(): number {
    return this.#bytes.length;
  }

  get tag(): string {
    return this.#tag ??= createHash("sha256").update(this.#bytes).digest("base64url").slice(0, TAG_LENGTH);
  }

  open(): ResourceReading {
    return this;
  }

  read(position: number): Uint8Array {
    return this.#bytes.subarray(position);
  }

  close(): void {}
}
