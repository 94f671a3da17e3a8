import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { errorText } from "../error_text.ts";
import { type Files, hasCode } from "../files/files.ts";
import { quoted } from "../names.ts";

/** The files of a certificate, in PEM: the chain, the server's own first, and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that could not be taken. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Certificates and keys have a few thousand bytes; what is larger is something else. */
const MAX_FILE_BYTES = 1024 * 1024;

/** What is in the files. */
export interface Pem {
  readonly cert: string;
  readonly key: string;
}

/** Whether both hold the same. */
export function isSame(one: Pem, other: Pem): boolean {
  return one.cert === other.cert && one.key === other.key;
}

/**
 * Reads both files.
 *
 * @throws {CertificateError} in words when they cannot be read
 */
export async function readPem(files: Files, { cert, key }: CertificateFiles): Promise<Pem> {
  return { cert: await readText(files, "certificate", cert), key: await readText(files, "certificate's key", key) };
}

async function readText(files: Files, what: string, path: string): Promise<string> {
  try {
    const facts = await files.facts(path);
    if (!facts) throw new CertificateError("it does not exist");
    if (facts.kind === "folder") throw new CertificateError("it is a folder");
    if (facts.size > MAX_FILE_BYTES) throw new CertificateError(`it is larger than ${MAX_FILE_BYTES} bytes`);
    await using file = await files.open(path, "read");
    const bytes = new Uint8Array(facts.size);
    return new TextDecoder().decode(bytes.subarray(0, await file.read(bytes, 0)));
  } catch (error) {
    const why = hasCode(error, "EACCES") ? "this user may not read it" : errorText(error);
    throw new CertificateError(`Cannot read the ${what} ${quoted(path)}: ${why}`, { cause: error });
  }
}

/**
 * What Node serves TLS with. Everything is looked at here, because Node takes any text and fails at the first connection.
 *
 * @throws {CertificateError} in words when that cannot be
 */
export function contextOf({ cert, key }: Pem, paths: CertificateFiles): SecureContext {
  const chain = blocks(cert, "CERTIFICATE").map((block) => certificateOf(block));
  const [own] = chain;
  if (!own || chain.includes(undefined)) throw unusable(paths.cert, "it is no certificate in PEM");
  const [block] = blocks(key, "(?:RSA |EC )?PRIVATE KEY");
  const privateKey = block === undefined ? undefined : privateKeyOf(block);
  if (!privateKey) throw unusable(paths.key, "it is no key in PEM, or one with a password");
  if (!own.checkPrivateKey(privateKey)) {
    throw unusable(paths.cert, `the key in ${quoted(paths.key)} is not the key of the certificate`);
  }
  return createSecureContext({ cert, key: block });
}

function unusable(path: string, why: string): CertificateError {
  return new CertificateError(`Cannot use ${quoted(path)}: ${why}`);
}

function blocks(pem: string, label: string): string[] {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, "g")) ?? [];
}

function certificateOf(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

function privateKeyOf(block: string): KeyObject | undefined {
  try {
    return createPrivateKey(block);
  } catch {
    return undefined;
  }
}

/** Until when the server's own certificate is valid, and its SHA-256 fingerprint; undefined when it is none. */
export function factsOf(cert: string): { readonly until: Date; readonly fingerprint: string } | undefined {
  const own = certificateOf(blocks(cert, "CERTIFICATE")[0] ?? "");
  return own && { until: new Date(own.validTo), fingerprint: own.fingerprint256 };
}

/** The names under its subject's alternative ones (RFC 6125, section 6.4.4); that of the subject where it has none. */
export function hostsOf(cert: string): string[] {
  const own = certificateOf(blocks(cert, "CERTIFICATE")[0] ?? "");
  const names = [...own?.subjectAltName?.matchAll(/DNS:([^\s,]+)/g) ?? []];
  const found = names.length > 0 ? names : [...own?.subject?.matchAll(/CN=([^\s,]+)/g) ?? []];
  return found.map(([, name]) => name.toLowerCase());
}
