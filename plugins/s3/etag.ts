/** What a store says of what it has stored. */
export interface StoredFacts {
  /** Without its quotes; empty when it says none. */
  readonly etag: string;
  /** How it encrypts it, as `x-amz-server-side-encryption` has it; empty when it does not say. */
  readonly encryption: string;
}

/**
 * Whether an ETag shows that something else was stored than what was sent, whose MD5 sum, or {@linkcode multipartEtag}, is
 * known.
 *
 * Not every ETag is such a sum: those of objects with a key of their own are none (Amazon S3, "Object": ETag), and some stores
 * have their own. These show nothing, and what a request was signed with has to do.
 */
export function isOther({ etag, encryption }: StoredFacts, expected: string): boolean {
  if (encryption !== "" && encryption !== "AES256") return false;
  const shape = expected.includes("-") ? /^[0-9a-f]{32}-\d+$/i : /^[0-9a-f]{32}$/i;
  return shape.test(etag) && etag.toLowerCase() !== expected;
}
