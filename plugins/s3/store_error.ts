import { elementText } from "./xml.ts";

/** Whose fault it is that a store did not do what it was asked: its network's, its own, or that of who asks. */
export type StoreFault = "unreachable" | "busy" | "refused";

/** A store that did not do what it was asked. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(
    readonly fault: StoreFault,
    message: string,
    /** What the store calls it, such as `NoSuchUpload`; empty when it said nothing. */
    readonly code: string = "",
    /** So long it wants to be left alone, in milliseconds; 0 when it did not say. */
    readonly pauseMs: number = 0,
  ) {
    super(message);
  }
}

/** What a store says when it has nothing of a multipart upload: it was completed, or aborted. */
export const NO_SUCH_UPLOAD = "NoSuchUpload";

/** Codes of the class 4xx that mean that the same request may succeed later (Amazon S3, "Error responses"). */
const TRANSIENT: ReadonlySet<string> = new Set([
  "BadDigest",
  "IncompleteBody",
  "OperationAborted",
  "RequestTimeout",
  "SlowDown",
  "XAmzContentSHA256Mismatch",
]);

/** Names of what is an error and says where else to ask. */
const ELSEWHERE = "it is in another region or at another address than the settings say";

/** How long a header `Retry-After` wants one to wait, in milliseconds (RFC 9110, section 10.2.3); 0 for what is none. */
export function retryAfterMs(value: string | null, now: Date): number {
  if (value === null) return 0;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return ms > 0 ? ms : 0;
}

/** The error that an answer with this status and body stands for; `pauseMs` is what its `Retry-After` says. */
export function storeError(status: number, body: string, pauseMs = 0): StoreError {
  const code = elementText(body, "Code") ?? "";
  const said = elementText(body, "Message")?.trim().replace(/\.$/, "").slice(0, 200);
  const what = [String(status), code].filter((text) => text !== "").join(" ");
  if (status >= 500 || status === 429 || status === 408 || TRANSIENT.has(code)) {
    return new StoreError("busy", `the store answers ${what}`, code, pauseMs);
  }
  const why = status >= 300 && status < 400 ? ELSEWHERE : said;
  return new StoreError("refused", `the store refuses: ${what}${why ? ` (${why})` : ""}`, code);
}
