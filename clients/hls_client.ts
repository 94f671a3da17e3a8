import { HLS_FORMATS, Input, UrlSource } from "mediabunny";
import { type ClientEnd, ClientError, type ClientOptions, type PullClient } from "../kernel/sessions/client.ts";
import { systemClock } from "../kernel/clock.ts";
import { errorText } from "../kernel/error_text.ts";
import { maskText } from "../kernel/log/mask.ts";
import { whenAborted } from "../kernel/reasons.ts";
import type { MediaPacket } from "../media/packet.ts";
import { shownAddress } from "../plugins/shared/relay/address.ts";
import { serverWords } from "../protocols/shared/client_address.ts";
import { openMedia } from "../web/push_file_library.ts";
import { packetsOfMedia } from "./library_source.ts";
import "./quiet_library.ts";

/** How long a server may take to answer, in milliseconds, unless something else is asked for. */
const ANSWER_MS = 10_000;

/** A playlist or segment is asked for so often before the stream is taken for lost, and the pause between, in seconds. */
const ATTEMPTS = 3;
const PAUSE_SECONDS = 0.5;

/** Plays an HLS stream: the playlist's main picture and sound, from its oldest segment on. */
export class HlsPullClient implements PullClient {
  readonly closed: Promise<ClientEnd>;
  readonly #closed = Promise.withResolvers<ClientEnd>();
  readonly #input: Input;
  readonly #address: string;
  readonly #packets: AsyncGenerator<MediaPacket>;
  readonly #abort?: Disposable;
  #end?: ClientEnd;

  private constructor(url: string, input: Input, packets: AsyncGenerator<MediaPacket>, signal?: AbortSignal) {
    this.#address = shownAddress(url);
    this.#input = input;
    this.#packets = packets;
    this.closed = this.#closed.promise;
    this.#abort = signal && whenAborted(signal, () => this.destroy());
  }

  /**
   * Fetches the playlist, and settles when it is known what is in the stream.
   *
   * @throws {ClientError} when the server cannot be reached, refuses, or what it has is no HLS
   */
  static async connect(url: string, options: ClientOptions = {}): Promise<HlsPullClient> {
    const { signal, timeoutMs = ANSWER_MS, clock = systemClock } = options;
    const late = new AbortController();
    using _timer = clock.setTimeout(() => late.abort(), timeoutMs);
    using _stop = signal && whenAborted(signal, () => late.abort());
    await ask(url, late.signal);
    const input = new Input({ formats: HLS_FORMATS, source: sourceOf(url) });
    using _late = whenAborted(late.signal, () => input.dispose());
    try {
      const media = await openMedia(input, { isLive: true });
      if (media.tracks.length === 0) throw new Error(media.faults.join("; "));
      return new HlsPullClient(url, input, packetsOfMedia(media), signal);
    } catch (error) {
      input.dispose();
      signal?.throwIfAborted();
      const words = late.signal.aborted ? "it did not answer in time" : wordsOf(error);
      throw new ClientError(late.signal.aborted ? "timeout" : "protocol", `${shownAddress(url)}: ${words}`);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<MediaPacket, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  close(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    this.#over({ code: "left", message: "this side left" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(): Promise<IteratorResult<MediaPacket, undefined>> {
    try {
      const next = await Promise.race([this.#packets.next(), this.closed]);
      if ("code" in next) return { done: true, value: undefined };
      if (!next.done) return next;
      this.#over({ code: "left", message: "the stream ended" });
      return { done: true, value: undefined };
    } catch (error) {
      if (this.#end) return { done: true, value: undefined };
      const message = `${this.#address}: ${wordsOf(error)}`;
      this.#over({ code: "lost", message });
      throw new ClientError("lost", message);
    }
  }

  #over(end: ClientEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#abort?.[Symbol.dispose]();
    this.#input.dispose();
    this.#closed.resolve(end);
  }
}

/** Asks for the playlist once, for the server's own words when it refuses. */
async function ask(url: string, signal: AbortSignal): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    const [code, words] = signal.aborted ? ["timeout", "it did not answer in time"] : ["unreachable", wordsOf(error)];
    throw new ClientError(code, `Cannot connect to ${shownAddress(url)}: ${words}`);
  }
  const text = await response.text();
  if (response.ok) return;
  const words = serverWords(errorIn(text) ?? response.statusText, new URL(url)) || "it gave no reason";
  throw new ClientError(String(response.status), `${shownAddress(url)} refused: ${words} (${response.status})`);
}

/** Servers that answer in JSON say in `detail` (RFC 9457) or `error` what is wrong. */
function errorIn(text: string): string | undefined {
  try {
    const { detail, error } = JSON.parse(text);
    return [detail, error].find((words) => typeof words === "string");
  } catch {
    return undefined;
  }
}

function sourceOf(url: string): UrlSource {
  return new UrlSource(url, { getRetryDelay: (before) => before < ATTEMPTS - 1 ? PAUSE_SECONDS : null });
}

function wordsOf(error: unknown): string {
  return maskText(errorText(error)).split("\n")[0];
}
