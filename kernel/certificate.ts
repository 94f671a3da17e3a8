import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { type Clock, every, type Timer } from "./clock.ts";
import { type Files, hasCode } from "./files.ts";
import type { Logger } from "./log/log.ts";
import { quoted } from "./names.ts";

/** The files of a certificate, in PEM: the chain, the server's own first, and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that could not be taken. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** How often the files are looked at, in milliseconds. */
export const CERTIFICATE_CHECK_MS = 5000;

/** Certificates and keys have a few thousand bytes; what is larger is something else. */
const MAX_FILE_BYTES = 1024 * 1024;

/** A certificate is renewed weeks before it ends: one that has fewer days left has been forgotten. */
const WARN_DAYS = 10;

const DAY_MS = 86_400_000;

interface Pem {
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificate that new connections are given; it follows its files.
 *
 * The files are read again and again rather than watched: renewal tools replace links and folders, of which watching tells
 * little. A change counts once both files stayed as they are from one look to the next, so that nobody meets the new
 * certificate with the old key. What cannot be used is said, and the old one stays.
 */
export class Certificate implements Disposable {
  readonly #files: Files;
  readonly #log: Logger;
  readonly #clock: Clock;
  #checking?: Timer;
  #paths: CertificateFiles;
  #pem: Pem;
  #hosts: readonly string[];
  #context: SecureContext;
  /** What the last look has found. */
  #seen?: Pem;
  /** What was wrong at the last look. */
  #problem?: string;
  #isChecking = false;

  private constructor(paths: CertificateFiles, pem: Pem, context: SecureContext, deps: CertificateDeps) {
    this.#paths = paths;
    this.#pem = pem;
    this.#hosts = hostsOf(pem.cert);
    this.#context = context;
    this.#files = deps.files;
    this.#log = deps.log;
    this.#clock = deps.clock;
  }

  /**
   * Reads a certificate.
   *
   * @throws {CertificateError} in words when it cannot be used
   */
  static async load(paths: CertificateFiles, deps: CertificateDeps): Promise<Certificate> {
    const pem = await readPem(deps.files, paths);
    return new Certificate(paths, pem, contextOf(pem, paths), deps);
  }

  /** Says that it is in use, and takes what its files hold from now on. */
  follow(): void {
    this.#checking = every(this.#clock, CERTIFICATE_CHECK_MS, () => void this.check());
    this.#announce("is in use");
  }

  /** The hosts that it is made out for, in small letters; `*.example.org` for all of one level below. */
  get hosts(): readonly string[] {
    return this.#hosts;
  }

  /** What new connections are given. */
  get context(): SecureContext {
    return this.#context;
  }

  /**
   * Reads other files, without using them yet; the result does that.
   *
   * @throws {CertificateError} in words when they cannot be used
   */
  async prepare(paths: CertificateFiles): Promise<() => void> {
    const pem = await readPem(this.#files, paths);
    const context = contextOf(pem, paths);
    return () => {
      const isNew = !isSame(pem, this.#pem);
      [this.#paths, this.#pem, this.#context, this.#problem] = [paths, pem, context, undefined];
      this.#hosts = hostsOf(pem.cert);
      if (isNew) this.#announce("is in use from now on");
    };
  }

  /** Looks at the files; settles when what was found there has been taken or refused. */
  async check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      await this.#look();
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#isChecking = false;
    }
  }

  [Symbol.dispose](): void {
    this.#checking?.[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    const pem = await readPem(this.#files, this.#paths);
    const isSettled = this.#seen !== undefined && isSame(pem, this.#seen);
    this.#seen = pem;
    if (isSame(pem, this.#pem)) this.#problem = undefined;
    else if (isSettled) this.#take(pem);
  }

  #take(pem: Pem): void {
    this.#context = contextOf(pem, this.#paths);
    [this.#pem, this.#problem, this.#hosts] = [pem, undefined, hostsOf(pem.cert)];
    this.#announce("has changed and is in use from now on");
  }

  /** Each problem once. */
  #complain(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#log.error(`${problem}. The certificate in use stays`);
  }

  #announce(what: string): void {
    const facts = factsOf(this.#pem.cert);
    const until = facts ? `, valid until ${facts.until.toISOString().slice(0, 10)}` : "";
    this.#log.info(`The certificate ${quoted(this.#paths.cert)} ${what}${until}`, { fingerprint: facts?.fingerprint });
    const days = facts ? (facts.until.getTime() - this.#clock.date().getTime()) / DAY_MS : Infinity;
    if (days <= 0) this.#log.warn("The certificate has expired: clients will refuse it");
    else if (days < WARN_DAYS) this.#log.warn(`The certificate expires in ${Math.ceil(days)} days`);
  }
}

/** What a certificate works with. */
export interface CertificateDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
}

function isSame(one: Pem, other: Pem): boolean {
  return one.cert === other.cert && one.key === other.key;
}

async function readPem(files: Files, { cert, key }: CertificateFiles): Promise<Pem> {
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
    const why = hasCode(error, "EACCES") ? "this user may not read it" : messageOf(error);
    throw new CertificateError(`Cannot read the ${what} ${quoted(path)}: ${why}`, { cause: error });
  }
}

/** Everything is looked at here, because Node takes any text and fails at the first connection. */
function contextOf({ cert, key }: Pem, paths: CertificateFiles): SecureContext {
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

function factsOf(cert: string): { readonly until: Date; readonly fingerprint: string } | undefined {
  const own = certificateOf(blocks(cert, "CERTIFICATE")[0] ?? "");
  return own && { until: new Date(own.validTo), fingerprint: own.fingerprint256 };
}

/** The names under its subject's alternative ones (RFC 6125, section 6.4.4); that of the subject where it has none. */
function hostsOf(cert: string): string[] {
  const own = certificateOf(blocks(cert, "CERTIFICATE")[0] ?? "");
  const names = [...own?.subjectAltName?.matchAll(/DNS:([^\s,]+)/g) ?? []];
  const found = names.length > 0 ? names : [...own?.subject?.matchAll(/CN=([^\s,]+)/g) ?? []];
  return found.map(([, name]) => name.toLowerCase());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
