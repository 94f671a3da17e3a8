import { createHash } from "node:crypto";

/** How much of a hash names an asset: enough that two versions never share a name. */
const TAG_LENGTH = 16;

/** How long caches may keep what is served under this address. */
export type Caching = "revalidate" | "immutable";

const CACHE_CONTROL: Readonly<Record<Caching, string>> = {
  revalidate: "no-cache",
  immutable: "public, max-age=31536000, immutable",
};

/** A text that browsers load, with all that goes into answering for it. */
export class Asset {
  /** What tells this version from all others; fit for an address. */
  readonly tag: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #headers: Readonly<Record<string, string>>;
  #packed?: Promise<Uint8Array<ArrayBuffer>>;

  /** `headers` are sent with every answer that has a body. */
  constructor(text: string, type: string, caching: Caching, headers: Readonly<Record<string, string>> = {}) {
    this.#bytes = new TextEncoder().encode(text);
    this.tag = createHash("sha256").update(this.#bytes).digest("base64url").slice(0, TAG_LENGTH);
    this.#headers = {
      "content-type": type,
      "cache-control": CACHE_CONTROL[caching],
      "vary": "accept-encoding",
      "x-content-type-options": "nosniff",
      ...headers,
    };
  }

  /** Answers a GET: packed where the browser can unpack it, 304 where it has this version already (RFC 9110, 13.1.2). */
  async answer(request: Headers): Promise<Response> {
    const isPacked = acceptsGzip(request.get("accept-encoding") ?? "");
    const etag = isPacked ? `"${this.tag}-gzip"` : `"${this.tag}"`;
    const headers = new Headers({ ...this.#headers, etag });
    if (isKnown(request.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
    const body = isPacked ? await (this.#packed ??= gzip(this.#bytes)) : this.#bytes;
    if (isPacked) headers.set("content-encoding", "gzip");
    headers.set("content-length", String(body.length));
    return new Response(body, { headers });
  }
}

function acceptsGzip(accepted: string): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted);
}

function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.trim() === "*" || Array.from(ifNoneMatch.matchAll(/"[^"]*"/g), ([tag]) => tag).includes(etag);
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
