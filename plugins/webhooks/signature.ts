import { createHmac } from "node:crypto";

/** The header that proves who sent a message. */
export const SIGNATURE_HEADER = "x-sluice-signature";

/**
 * Signs a message: `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` under the secret that both sides know.
 * The time is signed too, so that a receiver can turn away what somebody recorded and sends again.
 */
export function signatureOf(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}
