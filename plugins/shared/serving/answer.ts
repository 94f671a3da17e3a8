import { checkConditions, isRangeStillGood, type RequestHeader } from "./conditions.ts";
import { type ByteRange, requestedRange } from "./range.ts";
import type { Caching, Resource } from "./resource.ts";

/** What lets pages from other places read what is served, and how it is cut. */
export const CORS: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
};

/** The answer to a browser that asks whether a page from elsewhere may ask. */
export const PREFLIGHT: Readonly<Record<string, string>> = {
  ...CORS,
  "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
  // Authorization is not among "*" (Fetch, section 3.3.4).
  "Access-Control-Allow-Headers": "*, Authorization",
  "Access-Control-Max-Age": "86400",
};

/** What to answer: the head, and which piece of the resource is the body. */
export interface Answer {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string | number>>;
  /** Undefined for an answer without a body of the resource. */
  readonly body?: ByteRange;
  /** What there is to say instead. */
  readonly error?: string;
}

/** A request as far as it matters for a resource. */
export interface ResourceRequest {
  readonly method: string;
  readonly header: RequestHeader;
}

/** How the answer to a GET or HEAD of a resource looks at a time of day: conditions first, then ranges (RFC 9110, 13.2.2). */
export function answerTo({ method, header }: ResourceRequest, resource: Resource, now: Date): Answer {
  const { size } = resource;
  const validators = { etag: `"${resource.tag}"`, modified: notLater(resource.modified, now) };
  const head = headOf(resource, validators);
  const failed = checkConditions(header, validators);
  if (failed === 304) return { status: 304, headers: head };
  if (failed === 412) return refusal(412, "It is no longer what the request wants it to be");
  const range = method === "GET" ? header("range") : undefined;
  const piece = range !== undefined && isRangeStillGood(header("if-range"), validators)
    ? requestedRange(range, size)
    : undefined;
  if (piece === "unsatisfiable") {
    return refusal(416, `It has ${size} bytes`, { "Content-Range": `bytes */${size}` });
  }
  const headers = { ...head, "Content-Type": resource.type, "X-Content-Type-Options": "nosniff" };
  const isBodyWanted = method === "GET";
  if (!piece) {
    const whole = isBodyWanted ? { start: 0, end: size } : undefined;
    return { status: 200, headers: { ...headers, "Content-Length": size }, body: whole };
  }
  const { start, end } = piece;
  const range206 = { "Content-Length": end - start, "Content-Range": `bytes ${start}-${end - 1}/${size}` };
  return { status: 206, headers: { ...headers, ...range206 }, body: piece };
}

/** `Cache-Control` in words. */
function cacheControl(caching: Caching): string {
  if (typeof caching === "object") return `public, max-age=${caching.seconds}`;
  if (caching === "never") return "no-store";
  return caching === "revalidate" ? "no-cache" : "public, max-age=31536000, immutable";
}

function headOf(resource: Resource, { etag, modified }: { etag: string; modified?: Date }): Record<string, string> {
  return {
    ...CORS,
    "Cache-Control": cacheControl(resource.caching),
    "Accept-Ranges": "bytes",
    "ETag": etag,
    ...(modified && { "Last-Modified": modified.toUTCString() }),
  };
}

/** Nobody may be told that something was changed in the future (RFC 9110, 8.8.2.1). */
function notLater(modified: Date | undefined, now: Date): Date | undefined {
  return modified && modified <= now ? modified : undefined;
}

function refusal(status: 412 | 416, error: string, headers: Record<string, string> = {}): Answer {
  return { status, error, headers: { ...CORS, "Cache-Control": "no-store", ...headers } };
}
