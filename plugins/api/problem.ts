import type { Context } from "hono";
import type { HttpEnv } from "../../kernel/front.ts";
import { Refusal } from "../../kernel/reasons.ts";

const TITLES = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  409: "Conflict",
  413: "Content too large",
  429: "Too many requests",
  500: "Server error",
  503: "Unavailable",
} as const;

/** How a request can fail. */
export type ProblemStatus = keyof typeof TITLES;

/** What is wrong with a request; the sentence goes to who asked. */
export class Problem extends Error {
  override readonly name = "Problem";

  /** `challenge` is how somebody may say who they are, for 401. */
  constructor(readonly status: ProblemStatus, message: string, readonly challenge?: string) {
    super(message);
  }
}

/** Answers an error that a route threw, if it is the fault of the request or of how things are; others are thrown on. */
export function problemOf(error: Error, c: Context<HttpEnv>): Response {
  if (error instanceof Problem) return problemAnswer(c, error);
  if (error instanceof Refusal) return problemAnswer(c, new Problem(error.status, error.message, error.challenge));
  throw error;
}

/** Answers with what went wrong, as RFC 9457 has it. */
export function problemAnswer(c: Context<HttpEnv>, { status, message, challenge }: Problem): Response {
  const headers = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(challenge && { "www-authenticate": challenge }),
    ...(status === 429 && { "retry-after": "5" }),
  };
  return c.body(
    JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail: message }),
    status,
    headers,
  );
}
