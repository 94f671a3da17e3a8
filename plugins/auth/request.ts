import type { Clock } from "../../kernel/clock.ts";

/** What a request takes. */
export interface RequestDeps {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/**
 * Makes a request and reads the answer within a time, or not at all.
 *
 * @throws {Error} when it takes longer, or fails
 */
export async function requestWithin<T>(
  { clock, fetch, signal }: RequestDeps,
  ms: number,
  url: string,
  init: RequestInit,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  using _timer = clock.setTimeout(() => controller.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    return await read(await fetch(url, { ...init, signal: controller.signal }));
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * The body of an answer as text.
 *
 * @throws {Error} when it is longer than `most` bytes
 */
export async function textWithin(response: Response, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > most) throw new Error(`the answer is longer than ${most} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
