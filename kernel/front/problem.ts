import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpEnv } from "./front.ts";
import { Refusal } from "../reasons.ts";

/** What statuses mean, in a word or two that are always the same. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  408: "Request timeout",
  409: "Conflict",
  412: "Precondition failed",
  413: "Content too large",
  415: "Unsupported media type",
  416: "Range not satisfiable",
  429: "Too many requests",
  431: "Header too large",
  500: "Server error",
  502: "Bad gateway",
  503: "Unavailable",
  504: "Gateway timeout",
};

/** Answers after which it makes sense to ask again, in so many seconds: who asked too often, or for what another server has. */
const RETRY_SECONDS: Readonly<Record<number, string>> = { 429: "5", 502: "5", 504: "5" };

/** What is wrong with a request; the sentence goes to who asked. Routes throw it. */
export class Problem extends Error {
  override readonly name = "Problem";

  /** `challenge` is how somebody may say who they are, for 401. */
  constructor(readonly status: ContentfulStatusCode, message: string, readonly challenge?: string) {
    super(message);
  }
}

/** Answers with what went wrong, as RFC 9457 has it. */
export function problemAnswer(
  c: Context<HttpEnv>,
  status: ContentfulStatusCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const retrySeconds = RETRY_SECONDS[status];
  return c.body(problemText(status, detail), status, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...(retrySeconds !== undefined && { "Retry-After": retrySeconds }),
    ...headers,
  });
}

/** The body of such an answer. */
export function problemText(status: number, detail: string): string {
  return JSON.stringify({ type: "about:blank", title: TITLES[status] ?? "Error", status, detail });
}

/** Answers an error that a route threw and that goes to who asked; others are thrown on. */
export function thrownProblem(error: Error, c: Context<HttpEnv>): Response {
  if (!(error instanceof Problem) && !(error instanceof Refusal)) throw error;
  const { status, message, challenge } = error;
  return problemAnswer(c, status, message, challenge === undefined ? {} : { "WWW-Authenticate": challenge });
}
