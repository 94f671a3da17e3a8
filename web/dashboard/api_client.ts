/// <reference lib="dom" />

const BASE = "/api/v1";

/** What the server would not do, with its reason. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /** `status` is that of HTTP. */
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** Asks the server's API, with a token where there is one. */
export class ApiClient {
  /** The token that is sent along; none where the server needs none. */
  token?: string;

  /**
   * What the server answers.
   *
   * Throws {@linkcode ApiError} for a refusal, and what `fetch` throws when the server cannot be reached.
   */
  async get<T>(path: string, signal: AbortSignal): Promise<T> {
    return await (await this.#ask(path, { signal })).json();
  }

  /** Opens an answer that goes on and on; `lastId` is the last event that came. */
  async open(path: string, lastId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#ask(path, { signal, headers: { "last-event-id": lastId } });
    if (!body) throw new TypeError("The answer has no body");
    return body;
  }

  /** Changes something. Throws as {@linkcode ApiClient.get} does. */
  async change(method: "PUT" | "DELETE", path: string): Promise<void> {
    await this.#ask(path, { method });
  }

  async #ask(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, ...(this.token && { authorization: `Bearer ${this.token}` }) };
    const response = await fetch(BASE + path, { ...init, headers, cache: "no-store" });
    if (response.ok) return response;
    throw new ApiError(response.status, await reasonOf(response));
  }
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { detail, error } = await response.json();
    return String(detail ?? error);
  } catch {
    return response.statusText || `The server answered ${response.status}`;
  }
}
