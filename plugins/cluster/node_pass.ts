import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { PASS } from "../shared/node_sessions.ts";

/** How long a pass counts, in seconds: longer than the clocks of machines differ. */
const PASS_SECONDS = 300;

/** What a pass is for. */
export interface PassUse {
  readonly action: "play" | "publish" | "report";
  /** The stream's id; empty where there is none. */
  readonly stream: string;
}

/** A pass for one use, as who knows the secret can make it: the secret itself never leaves the node. */
export function nodePass(secret: string, use: PassUse, now: Date): string {
  const expires = Math.floor(now.getTime() / 1000) + PASS_SECONDS;
  return `${expires.toString(36)}.${signed(secret, use, expires).toString("base64url")}`;
}

/** Whether a text is a pass for this use that still counts. */
export function isNodePass(text: string, secret: string, use: PassUse, now: Date): boolean {
  const [, seconds, signature] = PASS.exec(text) ?? [];
  if (signature === undefined) return false;
  const expires = parseInt(seconds, 36);
  const ms = expires * 1000 - now.getTime();
  if (ms <= 0 || ms > 2 * PASS_SECONDS * 1000) return false;
  return timingSafeEqual(Buffer.from(signature, "base64url"), signed(secret, use, expires));
}

function signed(secret: string, { action, stream }: PassUse, expires: number): Buffer {
  return createHmac("sha256", secret).update(`sluice node\n${action}\n${stream}\n${expires}`).digest();
}
