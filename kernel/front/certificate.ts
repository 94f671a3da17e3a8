import type { SecureContext } from "node:tls";
import { type CertificateFiles, contextOf, factsOf, hostsOf, isSame, type Pem, readPem } from "./certificate_files.ts";
import { type Clock, every, type Timer } from "../clock.ts";
import { errorText } from "../error_text.ts";
import type { Files } from "../files/files.ts";
import type { Logger } from "../log/log.ts";
import { quoted } from "../names.ts";

/** How often the files are looked at, in milliseconds. */
export const CERTIFICATE_CHECK_MS = 5000;

/** A certificate is renewed weeks before it ends: one that has fewer days left has been forgotten. */
const WARN_DAYS = 10;

const DAY_MS = 86_400_000;

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
    const problem = errorText(error);
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
