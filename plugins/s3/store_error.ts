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

/** The error that an answer with this status and body stands for. */
export function storeError(status: number, body: string): StoreError {
  const code = elementText(body, "Code") ?? "";
  const said = elementText(body, "Message")?.trim().replace(/\.$/, "").slice(0, 200);
  const what = [String(status), code].filter((text) => text !== "").join(" ");
  if (status >= 500 || status === 429 || status === 408 || TRANSIENT.has(code)) {
    return new StoreError("busy", `the store answers ${what}`, code);
  }
  const why = status >= 300 && status < 400 ? ELSEWHERE : said;
  return new StoreError("refused", `the store refuses: ${what}${why ? ` (${why})` : ""}`, code);
}
