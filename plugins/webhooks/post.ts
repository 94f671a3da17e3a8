import type { Clock } from "../../kernel/clock.ts";
import { fetchProblem } from "../shared/http/fetch_problem.ts";
import { SIGNATURE_HEADER, signatureOf } from "./signature.ts";

/** How something is posted. */
export interface PostOptions {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly secret?: string;
}

/** How a receiver answered. */
export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** Longest answer that is read, in bytes: answers say yes or no. */
const MAX_ANSWER_BYTES = 65_536;

/**
 * Posts JSON and waits for the answer.
 *
 * Throws `Error` in words when there is none in time, or it is too long.
 */
export async function post(body: string, options: PostOptions, signal?: AbortSignal): Promise<Posted> {
  const late = new AbortController();
  const seconds = options.timeoutMs / 1000;
  using _timer = options.clock.setTimeout(
    () => late.abort(new Error(`no answer within ${seconds} s`)),
    options.timeoutMs,
  );
  const headers = {
    "content-type": "application/json",
    "user-agent": "Sluice",
    ...(options.secret && { [SIGNATURE_HEADER]: signatureOf(body, options.secret, options.clock.date().getTime()) }),
  };
  const request = {
    method: "POST",
    body,
    headers,
    redirect: "error",
    signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
  } as const;
  try {
    const answer = await options.fetch(options.url, request);
    return { status: answer.status, text: await readText(answer) };
  } catch (error) {
    if (late.signal.aborted) throw late.signal.reason;
    throw new Error(fetchProblem(error), { cause: error });
  }
}

async function readText(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`its answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
