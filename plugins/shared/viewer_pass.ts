import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";

/** The name of the query's parameter, or the cookie, in which a viewer's requests carry its pass. */
export const VIEWER_PASS_NAME = "viewerToken";

/** How long a pass counts, in seconds: longer than a player pauses between two playlists, or needs to change networks. */
export const VIEWER_PASS_SECONDS = 600;

/**
 * What passes are issued and checked with: the run of the server, all of whose isolates know them. After a restart players
 * begin anew, with what they were let in with first.
 */
export type PassIssuer = Pick<PluginContext, "runKey" | "clock">;

/**
 * A pass for one stream: who was let in to play it shows it in place of the credential from then on, also when that has
 * expired meanwhile or the viewer has another address. It says nothing of who the viewer is.
 */
export function issueViewerPass({ runKey, clock }: PassIssuer, stream: string): string {
  const expires = Math.floor(clock.date().getTime() / 1000) + VIEWER_PASS_SECONDS;
  return `${expires.toString(36)}.${signatureOf(runKey, stream, expires).toString("base64url")}`;
}

/** Whether a text is a pass for this stream that still counts. */
export function isViewerPass({ runKey, clock }: PassIssuer, text: string, stream: string): boolean {
  const [, seconds, signature] = PASS.exec(text) ?? [];
  if (signature === undefined) return false;
  const expires = parseInt(seconds, 36);
  const isSigned = timingSafeEqual(Buffer.from(signature, "base64url"), signatureOf(runKey, stream, expires));
  return isSigned && expires * 1000 > clock.date().getTime();
}

/** Whether it is time for a new pass: half of this one's time is over. */
export function isViewerPassOld(text: string, now: Date): boolean {
  const expires = parseInt(text, 36);
  return !(expires * 1000 - now.getTime() > VIEWER_PASS_SECONDS * 500);
}

/** 32 bytes in base64 without padding. */
const PASS = /^([0-9a-z]{1,8})\.([\w-]{43})$/;

function signatureOf(runKey: Uint8Array, stream: string, expires: number): Buffer {
  return createHmac("sha256", runKey).update(`${expires}\n${stream}`).digest();
}
