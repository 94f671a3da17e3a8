/// <reference lib="dom" />
import { type ApiClient, ApiError } from "./api_client.ts";
import type { ServerEvent } from "./shapes.ts";
import { SseReader } from "./sse_reader.ts";

/** How long to wait before the stream of events is asked for again, in milliseconds. */
const RETRY_MS = 2000;

/** What people want to know; what else there is comes with these, or many times a second. */
const NAMES = "stream:start,stream:interrupt,stream:resume,stream:end,play:*," +
  "artifact:open,artifact:complete,artifact:remove,artifact:fail,config:*,server:*";

/** Whoever comes with an event that the server does not know is told all that it still has, which is what a log begins with. */
const FROM_THE_BEGINNING = "none";

/** Follows the server's events until it is disposed, over broken connections and restarts. */
export class EventFollower implements Disposable {
  readonly #api: ApiClient;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #controller = new AbortController();
  #lastId = FROM_THE_BEGINNING;

  /** A token is sent in a header, which `EventSource` cannot do: the stream is read by `fetch`. */
  constructor(api: ApiClient, onEvent: (event: ServerEvent) => void) {
    this.#api = api;
    this.#onEvent = onEvent;
    this.#follow();
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#controller;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        if (error instanceof ApiError && [401, 403].includes(error.status)) return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const sse = new SseReader();
    const body = await this.#api.open(`/events?names=${NAMES}`, this.#lastId, signal);
    const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      for (const { id, event, data } of sse.read(value!)) {
        this.#lastId = id ?? this.#lastId;
        if (event !== "gap") this.#onEvent(JSON.parse(data));
      }
    }
  }
}
