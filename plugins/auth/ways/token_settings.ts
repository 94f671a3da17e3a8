import { createPublicKey } from "node:crypto";

/** Signatures that a secret makes (RFC 7518, section 3.2). */
export const SECRET_ALGORITHMS = ["HS256", "HS384", "HS512"] as const;

/** Signatures that a private key makes (RFC 7518, sections 3.3 to 3.5; RFC 8037). */
export const KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** What tokens are to be like. */
export interface TokenSettings {
  readonly secret?: string;
  /** In PEM. */
  readonly publicKey?: string;
  readonly algorithms?: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
  /** The claim that lists what the token allows. */
  readonly claim: string;
}

/** Whether a text is a public key in PEM. */
export function isPublicKey(text: string): boolean {
  try {
    createPublicKey(text);
    return text.includes("BEGIN PUBLIC KEY");
  } catch {
    return false;
  }
}
