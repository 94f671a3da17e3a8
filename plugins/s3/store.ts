import { AwsV4Signer } from "aws4fetch";
import type { Clock } from "../../kernel/clock.ts";
import { fetchProblem } from "../shared/http/fetch_problem.ts";
import { contentMd5, type Digested, digested, multipartEtag } from "./digests.ts";
import { isOther, type StoredFacts } from "./etag.ts";
import { bucketUrl, objectUrl, type StoreLocation } from "./location.ts";
import { retryAfterMs, StoreError, storeError } from "./store_error.ts";
import { elementText, escapeXml } from "./xml.ts";

/** Who asks. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How a store is talked to. */
export interface StoreOptions {
  readonly location: StoreLocation;
  readonly credentials: Credentials;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** A request that takes longer has failed, in milliseconds. */
  readonly timeoutMs: number;
  /** What an object of this name is made with. */
  readonly headersOf: (key: string) => Record<string, string>;
}

/** A part that the store has taken: what a multipart upload is completed with. */
export interface TakenPart {
  readonly number: number;
  readonly etag: string;
  readonly md5: string;
}

/** An object that is there. */
export interface StoredObject extends StoredFacts {
  readonly bytes: number;
}

interface Asked {
  readonly method: string;
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Record<string, string>;
  readonly body?: Digested;
}

/** What a store answered, read to its end. */
interface Answer extends StoredFacts {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The most that is read of an answer, in bytes: what stores say is small, and so are the playlists that are asked for. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** The SHA-256 of nothing. */
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * A bucket in a store that speaks S3's REST API. Every request is signed (Signature Version 4) together with what it sends, so
 * that a store takes nothing else. All methods throw {@linkcode StoreError} when it does not do what it was asked.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #base: string;
  /** Keys that are derived once a day. */
  readonly #cache = new Map<string, ArrayBuffer>();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#base = bucketUrl(options.location);
  }

  /** The address of an object, for those who may read it without a signature. */
  url(key: string): string {
    return objectUrl(this.#base, key);
  }

  /** Makes or replaces an object in one step. */
  async put(key: string, body: Digested, signal: AbortSignal): Promise<void> {
    const headers = { ...this.#options.headersOf(key), "content-md5": contentMd5(body.md5) };
    confirm(await this.#ask({ method: "PUT", key, headers, body }, signal), body.md5);
  }

  /** Begins an object that is sent in parts; gives the name of the upload. */
  async begin(key: string, signal: AbortSignal): Promise<string> {
    const headers = this.#options.headersOf(key);
    const { text } = await this.#ask({ method: "POST", key, query: { uploads: "" }, headers }, signal);
    const id = elementText(text, "UploadId");
    if (!id) throw new StoreError("busy", "the store began an upload without a name for it");
    return id;
  }

  /** Sends a part; gives its ETag. */
  async putPart(key: string, upload: string, number: number, body: Digested, signal: AbortSignal): Promise<string> {
    const query = { partNumber: String(number), uploadId: upload };
    const headers = { "content-md5": contentMd5(body.md5) };
    const answer = await this.#ask({ method: "PUT", key, query, headers, body }, signal);
    confirm(answer, body.md5);
    return answer.etag;
  }

  /** Has the parts put together. */
  async complete(key: string, upload: string, parts: readonly TakenPart[], signal: AbortSignal): Promise<void> {
    const list = parts.map(({ number, etag }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(`"${etag}"`)}</ETag></Part>`
    );
    const text = new TextEncoder().encode(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
    const body = await digested(text);
    const answer = await this.#ask({ method: "POST", key, query: { uploadId: upload }, body }, signal);
    // A store that takes long over it begins its answer before it knows how that goes.
    if (/<Error[\s>]/.test(answer.text)) throw this.#masked(storeError(500, answer.text));
  }

  /** Gives an upload up, and the parts with it. */
  async abort(key: string, upload: string, signal: AbortSignal): Promise<void> {
    await this.#ask({ method: "DELETE", key, query: { uploadId: upload } }, signal);
  }

  /** The uploads of an object that were begun, and are not over (ListMultipartUploads). */
  async begun(key: string, signal: AbortSignal): Promise<string[]> {
    const { text } = await this.#ask({ method: "GET", key: "", query: { uploads: "", prefix: key } }, signal);
    const uploads = text.split(/<Upload>/).slice(1);
    return uploads.filter((each) => elementText(each, "Key") === key)
      .map((each) => elementText(each, "UploadId") ?? "").filter((id) => id !== "");
  }

  /** Looks at an object; undefined when there is none. */
  async look(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const answer = await this.#exchange({ method: "HEAD", key }, signal);
    if (answer.status === 404) return undefined;
    const { headers, etag, encryption } = this.#checked(answer);
    return { bytes: Number(headers.get("content-length") ?? NaN), etag, encryption };
  }

  /** Reads a text; undefined when there is no such object. */
  async read(key: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#exchange({ method: "GET", key }, signal);
    return answer.status === 404 ? undefined : this.#checked(answer).text;
  }

  /**
   * An address at which an object can be read, or with `HEAD` looked at, for so many seconds, by whoever has it (Signature Version
   * 4 in the query): the method is signed too.
   */
  async signedUrl(key: string, seconds: number, method: "GET" | "HEAD" = "GET"): Promise<string> {
    const url = new URL(this.url(key));
    url.searchParams.set("X-Amz-Expires", String(seconds));
    const { url: signed } = await this.#signer({ method, url: url.href, signQuery: true }).sign();
    return signed.href;
  }

  async #ask(asked: Asked, signal: AbortSignal): Promise<Answer> {
    return this.#checked(await this.#exchange(asked, signal));
  }

  #checked(answer: Answer): Answer {
    const { status, text, headers } = answer;
    if (status >= 200 && status <= 299) return answer;
    const pauseMs = retryAfterMs(headers.get("retry-after"), this.#options.clock.date());
    throw this.#masked(storeError(status, text, pauseMs));
  }

  /** Stores repeat what they were told; what is none of anybody's business goes no further. */
  #masked(error: StoreError): StoreError {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#options.credentials;
    const secrets = [accessKeyId, secretAccessKey, sessionToken].filter((each) => each);
    const message = secrets.reduce<string>((text, secret) => text.replaceAll(secret!, "***"), error.message);
    return new StoreError(error.fault, message, error.code, error.pauseMs);
  }

  async #exchange(asked: Asked, signal: AbortSignal): Promise<Answer> {
    const { clock, timeoutMs } = this.#options;
    const stopping = new AbortController();
    const stop = () => stopping.abort(signal.reason);
    let isLate = false;
    using _timer = clock.setTimeout(() => {
      isLate = true;
      stopping.abort();
    }, timeoutMs);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await this.#fetched(asked, stopping.signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isLate) throw new StoreError("unreachable", `the store has not answered within ${timeoutMs / 1000} s`);
      if (error instanceof StoreError) throw error;
      throw this.#masked(new StoreError("unreachable", `the store cannot be reached: ${fetchProblem(error)}`));
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #fetched({ method, key, query = {}, headers = {}, body }: Asked, signal: AbortSignal): Promise<Answer> {
    const url = new URL(this.url(key));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const digest = { "x-amz-content-sha256": body?.sha256 ?? EMPTY_SHA256 };
    const signed = await this.#signer({ method, url: url.href, headers: { ...headers, ...digest } }).sign();
    const { fetch } = this.#options;
    const init = { method, headers: signed.headers, body: body?.bytes, signal, redirect: "manual" } as const;
    const response = await fetch(signed.url, init);
    return {
      status: response.status,
      headers: response.headers,
      etag: response.headers.get("etag")?.replace(/^(W\/)?"|"$/g, "") ?? "",
      encryption: response.headers.get("x-amz-server-side-encryption") ?? "",
      text: await textOf(response),
    };
  }

  #signer(
    request: { method: string; url: string; headers?: Record<string, string>; signQuery?: boolean },
  ): AwsV4Signer {
    const { location: { region }, credentials, clock } = this.#options;
    const datetime = clock.date().toISOString().replace(/[:-]|\.\d{3}/g, "");
    return new AwsV4Signer({ ...request, ...credentials, service: "s3", region, datetime, cache: this.#cache });
  }
}

/** Fails when the store does not say what it has stored, as whatever is no store, or says something else than what it was sent. */
function confirm(answer: Answer, md5: string): void {
  if (answer.etag === "") {
    throw new StoreError("busy", "what answers took something and did not say what it got; it may be no store");
  }
  if (isOther(answer, md5)) throw new StoreError("busy", "the store has stored something else than what it was sent");
}

/** Whether an object is what was put together from parts with these MD5 sums. */
export function isWhole(found: StoredObject | undefined, bytes: number, md5s: readonly string[]): boolean {
  return found?.bytes === bytes && !isOther(found, multipartEtag(md5s));
}

/** Fails unless an object is what was put together from parts with these MD5 sums. */
export function confirmWhole(found: StoredObject | undefined, bytes: number, md5s: readonly string[]): void {
  if (isWhole(found, bytes, md5s)) return;
  const has = found ? `${found.bytes} bytes, or other ones,` : "nothing";
  throw new StoreError("busy", `the store has ${has} where ${bytes} bytes were put together`);
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new StoreError("busy", "the store's answer is too long");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
