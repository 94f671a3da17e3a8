import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What goes wrong with a request: an answer, or none. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  /** No answer ever comes. */
  | "hang"
  /** The connection is cut before anything is done. */
  | "reset"
  /** All is done, and the connection cut before the answer. */
  | "lost"
  /** What is stored is not what was sent, and the ETag says so. */
  | "garbled"
  /** Status 200, and an error in it. */
  | "late error"
  /** Status 200 for whatever it is, as from what is no store. */
  | "page";

/** A request as the store sees it. */
export interface SeenRequest {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: number;
}

/** An object that is stored. */
export interface FakeObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface FakeUpload {
  readonly key: string;
  readonly headers: SeenRequest["headers"];
  readonly parts: Map<number, { bytes: Uint8Array; etag: string }>;
}

/** How small parts may be that are not the last. */
const LEAST_PART = 5 * 1024 * 1024;

/**
 * A store as S3 describes it, in memory: one bucket, by path. Parts may come in any order and again, are as large as they have
 * to be, and are named by their ETags when they are put together; an upload that is over is unknown.
 */
export class FakeStore implements AsyncDisposable {
  readonly objects = new Map<string, FakeObject>();
  readonly uploads = new Map<string, FakeUpload>();
  readonly seen: SeenRequest[] = [];
  /** Asked for each request. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  /** Waited for before each answer. */
  before: (request: SeenRequest) => Promise<void> = () => Promise.resolve();
  readonly #server: Server;
  readonly #leastPart: number;
  #uploadCount = 0;
  #port = 0;

  private constructor(leastPart: number) {
    this.#leastPart = leastPart;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts a store; `leastPart` lets tests do with small files. */
  static async start(leastPart: number = LEAST_PART): Promise<FakeStore> {
    const store = new FakeStore(leastPart);
    const { promise, resolve } = Promise.withResolvers<void>();
    store.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    store.#port = (store.#server.address() as { port: number }).port;
    return store;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What was asked, as `PUT key?partNumber=2`. */
  get asked(): string[] {
    return this.seen.map(({ method, key, query }) => {
      const name = ["uploads", "partNumber", "uploadId"].find((each) => query.has(each));
      return `${method} ${key}${name ? `?${name}${name === "partNumber" ? `=${query.get(name)}` : ""}` : ""}`;
    });
  }

  /** An object's bytes; none when it is not there. */
  bytes(key: string): Uint8Array | undefined {
    return this.objects.get(key)?.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (!body) return;
    const url = new URL(request.url ?? "/", this.endpoint);
    const [, , ...key] = url.pathname.split("/").map(decodeURIComponent);
    const seen: SeenRequest = {
      method: request.method ?? "",
      key: key.join("/"),
      query: url.searchParams,
      headers: request.headers as Record<string, string | undefined>,
      bytes: body.length,
    };
    this.seen.push(seen);
    await this.before(seen);
    const fault = this.fault(seen);
    if (fault === "hang") return;
    if (fault === "reset") return void request.socket.destroy();
    const answer = typeof fault === "object" ? failure(fault) : this.#do(seen, body, fault);
    if (fault === "lost") return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers);
    response.end(seen.method === "HEAD" ? undefined : answer.body);
  }

  #do(seen: SeenRequest, body: Uint8Array, fault: Fault | undefined): FakeAnswer {
    const { method, key, query, headers } = seen;
    if (fault === "page") return { status: 200, headers: { "content-type": "text/html" }, body: "<html></html>" };
    if (!headers.authorization?.startsWith("AWS4-HMAC-SHA256 ") && method !== "GET") {
      return failure({ status: 403, code: "AccessDenied" });
    }
    const sha256 = headers["x-amz-content-sha256"];
    if (sha256 && sha256 !== sum("sha256", body, "hex")) {
      return failure({ status: 400, code: "XAmzContentSHA256Mismatch" });
    }
    const md5 = headers["content-md5"];
    if (md5 && md5 !== sum("md5", body, "base64")) return failure({ status: 400, code: "BadDigest" });
    const kept = fault === "garbled" ? body.map((byte) => byte ^ 1) : body;
    if (query.has("uploads")) return method === "GET" ? this.#list(query) : this.#begin(key, headers);
    if (query.has("partNumber")) return this.#part(query, kept);
    if (query.has("uploadId") && method === "POST") return this.#complete(query, body, fault);
    if (query.has("uploadId")) return this.#abort(query);
    if (method === "PUT") return this.#put(key, kept, headers);
    return this.#get(key);
  }

  #put(key: string, bytes: Uint8Array, headers: SeenRequest["headers"]): FakeAnswer {
    const etag = sum("md5", bytes, "hex");
    this.objects.set(key, { bytes, etag, headers });
    return { status: 200, headers: { etag: `"${etag}"` } };
  }

  #get(key: string): FakeAnswer {
    const object = this.objects.get(key);
    if (!object) return failure({ status: 404, code: "NoSuchKey" });
    const { etag, bytes } = object;
    return {
      status: 200,
      headers: {
        etag: `"${etag}"`,
        "content-length": String(bytes.length),
        "content-type": object.headers["content-type"] ?? "",
        "cache-control": object.headers["cache-control"] ?? "",
      },
      body: bytes,
    };
  }

  #begin(key: string, headers: SeenRequest["headers"]): FakeAnswer {
    const id = `upload&${++this.#uploadCount}`;
    this.uploads.set(id, { key, headers, parts: new Map() });
    const name = id.replace("&", "&amp;");
    return xml(200, `<InitiateMultipartUploadResult><UploadId>${name}</UploadId></InitiateMultipartUploadResult>`);
  }

  #list(query: URLSearchParams): FakeAnswer {
    const found = [...this.uploads].filter(([, { key }]) => key.startsWith(query.get("prefix") ?? ""));
    const items = found.map(([id, { key }]) =>
      `<Upload><Key>${key}</Key><UploadId>${id.replace("&", "&amp;")}</UploadId></Upload>`
    );
    return xml(200, `<ListMultipartUploadsResult>${items.join("")}</ListMultipartUploadsResult>`);
  }

  #part(query: URLSearchParams, bytes: Uint8Array): FakeAnswer {
    const upload = this.uploads.get(query.get("uploadId")!);
    if (!upload) return failure({ status: 404, code: "NoSuchUpload" });
    const etag = sum("md5", bytes, "hex");
    upload.parts.set(Number(query.get("partNumber")), { bytes, etag });
    return { status: 200, headers: { etag: `"${etag}"` } };
  }

  #complete(query: URLSearchParams, body: Uint8Array, fault: Fault | undefined): FakeAnswer {
    const id = query.get("uploadId")!;
    const upload = this.uploads.get(id);
    if (!upload) return failure({ status: 404, code: "NoSuchUpload" });
    if (fault === "late error") return xml(200, errorText("InternalError"));
    const named = new TextDecoder().decode(body).matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"([^"]*)"<\/ETag>/g);
    const parts = Array.from(named, ([, number, etag]) => ({ number: Number(number), etag }));
    const taken = parts.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      return part?.etag === etag ? part : undefined;
    });
    if (taken.length === 0 || taken.some((part) => !part)) return failure({ status: 400, code: "InvalidPart" });
    if (parts.some(({ number }, i) => i > 0 && number <= parts[i - 1].number)) {
      return failure({ status: 400, code: "InvalidPartOrder" });
    }
    if (taken.slice(0, -1).some((part) => part!.bytes.length < this.#leastPart)) {
      return failure({ status: 400, code: "EntityTooSmall" });
    }
    const sums = Buffer.from(taken.map((part) => part!.etag).join(""), "hex");
    const etag = `${sum("md5", sums, "hex")}-${taken.length}`;
    const bytes = new Uint8Array(Buffer.concat(taken.map((part) => part!.bytes)));
    this.objects.set(upload.key, { bytes, etag, headers: upload.headers });
    this.uploads.delete(id);
    return xml(200, `<CompleteMultipartUploadResult><ETag>&quot;${etag}&quot;</ETag></CompleteMultipartUploadResult>`);
  }

  #abort(query: URLSearchParams): FakeAnswer {
    return this.uploads.delete(query.get("uploadId")!)
      ? { status: 204, headers: {} }
      : failure({ status: 404, code: "NoSuchUpload" });
  }
}

interface FakeAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

function failure({ status, code, headers = {} }: Exclude<Fault, string>): FakeAnswer {
  const answer = xml(status, errorText(code));
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function errorText(code: string): string {
  return `<Error><Code>${code}</Code><Message>${code} it is.</Message></Error>`;
}

function xml(status: number, text: string): FakeAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
  return { status, headers: { "content-type": "application/xml" }, body };
}

function sum(algorithm: string, bytes: Uint8Array, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(bytes).digest(encoding);
}

/** Undefined when the request broke off. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return new Uint8Array(Buffer.concat(chunks));
}
