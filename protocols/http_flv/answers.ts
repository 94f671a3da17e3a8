import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { BadNameError } from "../../kernel/names.ts";
import { problemAnswer } from "../../kernel/front/problem.ts";
import { type Closed, type CloseReason, Refusal } from "../../kernel/reasons.ts";

/** Headers that let pages from other places play and publish. */
export const CORS: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, OPTIONS",
  // Authorization is not among "*" (Fetch, section 3.3.4).
  "Access-Control-Allow-Headers": "*, Authorization",
  "Access-Control-Max-Age": "86400",
};

/** Headers of a live FLV answer: `Range` means nothing in it, and nobody may keep it. */
export const FLV_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "video/x-flv",
  "Cache-Control": "no-cache, no-store",
  "Pragma": "no-cache",
  "Accept-Ranges": "none",
  "X-Content-Type-Options": "nosniff",
  "Access-Control-Allow-Origin": "*",
};

/** Headers of an answer that says that a stream is not there, which may be over in a moment. */
export const ABSENT_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Access-Control-Allow-Origin": "*",
};

/** The answer that says no in the server's words; what is not a refusal is thrown on. */
export function refusal(c: Context<HttpEnv>, error: unknown): Response {
  if (error instanceof BadNameError) return said(c, error.message, 400);
  if (!(error instanceof Refusal)) throw error;
  if (error.redirect) return c.redirect(error.redirect, 302);
  return said(c, error.message, error.status, error.challenge ? { "WWW-Authenticate": error.challenge } : {});
}

/** The status that says why the server ended an upload. */
const END_STATUS: Readonly<Record<CloseReason, ContentfulStatusCode>> = {
  "left": 400,
  "protocol-error": 400,
  "denied": 403,
  "kicked": 403,
  "idle": 408,
  "too-slow": 408,
  "replaced": 409,
  "stream-changed": 409,
  "stream-ended": 409,
  "error": 500,
  "limit": 503,
  "shutdown": 503,
};

/** The answer to an upload that was ended before it was complete. */
export function ended(c: Context<HttpEnv>, { reason, message }: Closed): Response {
  return said(c, message, END_STATUS[reason]);
}

function said(
  c: Context<HttpEnv>,
  detail: string,
  status: ContentfulStatusCode,
  more: Readonly<Record<string, string>> = {},
): Response {
  return problemAnswer(c, status, detail, { "Access-Control-Allow-Origin": "*", ...more });
}
