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
  503: "Unavailable",
};

/** After so many seconds somebody who asked too often may ask again. */
const RETRY_SECONDS = "5";

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
  return c.body(problemText(status, detail), status, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...(status === 429 && { "Retry-After": RETRY_SECONDS }),
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
