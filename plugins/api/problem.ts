import type { Context } from "hono";
import type { HttpEnv } from "../../kernel/front.ts";

const TITLES = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  409: "Conflict",
  429: "Too many requests",
} as const;

/** How a request can fail. */
export type ProblemStatus = keyof typeof TITLES;

/** What is wrong with a request; the sentence goes to who asked. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(readonly status: ProblemStatus, message: string) {
    super(message);
  }
}

/** Answers with what went wrong, as RFC 9457 has it. */
export function problemAnswer(c: Context<HttpEnv>, { status, message }: Problem): Response {
  const headers = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(status === 401 && { "www-authenticate": 'Bearer realm="Sluice API"' }),
    ...(status === 429 && { "retry-after": "5" }),
  };
  return c.body(
    JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail: message }),
    status,
    headers,
  );
}
