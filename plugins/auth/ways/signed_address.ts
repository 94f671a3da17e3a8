import { createHmac } from "node:crypto";
import type { Clock } from "../../../kernel/clock.ts";
import { parseIp } from "../../../kernel/front/ip_address.ts";
import { NetworkList } from "../../../kernel/front/network_list.ts";
import { isSameDigest, sha256 } from "../secrets/stored_secret.ts";
import { ABSENT, type Action, type Answer, type Applicant, type Way } from "./way.ts";

/** What a signature is about. */
export interface SignedGrant {
  readonly action: Action;
  /** The stream's id. */
  readonly stream: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** The only address or network from which it counts. */
  readonly ip?: string;
}

/** The query that lets in whoever has it: `expires`, `ip` where it is bound to one, and `signature`. */
export function signedQuery(secret: string, { action, stream, expires, ip }: SignedGrant): URLSearchParams {
  return new URLSearchParams({
    expires: String(expires),
    ...(ip !== undefined && { ip }),
    signature: signatureOf(secret, action, stream, String(expires), ip ?? ""),
  });
}

/** HMAC-SHA256 (RFC 2104) over the version of this scheme and what the signature is about, each on its line. */
function signatureOf(secret: string, action: Action, stream: string, expires: string, ip: string): string {
  const text = ["sluice-1", action, stream, expires, ip].join("\n");
  return createHmac("sha256", secret).update(text).digest("base64url");
}

const SECONDS = /^\d{1,12}$/;

/** Who has an address that was signed with one of the secrets is let in until it expires. */
export class SignedAddresses implements Way {
  readonly needs = "a signed address";
  readonly hasPasswords = false;
  readonly #secrets: readonly string[];
  readonly #clock: Clock;

  /** With several secrets each of them counts, so that one can be replaced while its addresses are in use. */
  constructor(secrets: readonly string[], clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  check({ action, stream, ip, credentials: { signed } }: Applicant): Answer {
    if (!signed) return ABSENT;
    const given = sha256(signed.signature);
    const isSigned = (secret: string) =>
      isSameDigest(given, sha256(signatureOf(secret, action, stream, signed.expires, signed.ip)));
    if (!SECONDS.test(signed.expires) || !this.#secrets.some(isSigned)) {
      return { says: "wrong", why: `the signature is not one to ${action} ${stream}` };
    }
    if (Number(signed.expires) * 1000 <= this.#clock.date().getTime()) {
      return { says: "stale", why: "the signed address has expired" };
    }
    if (signed.ip !== "" && !isWithin(ip, signed.ip)) {
      return { says: "no", why: "the signed address is for somebody elsewhere" };
    }
    return { says: "yes", credential: `signed address of ${stream}` };
  }
}

function isWithin(ip: string | undefined, network: string): boolean {
  const address = ip === undefined ? undefined : parseIp(ip);
  return address !== undefined && new NetworkList([network]).has(address);
}
