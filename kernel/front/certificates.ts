import type { SecureContext } from "node:tls";
import { Certificate, type CertificateDeps } from "./certificate.ts";
import type { CertificateFiles } from "./certificate_files.ts";

/**
 * The certificates of one server: who names a host (RFC 6066, section 3) is given the one that is made out for it, all
 * others the first.
 */
export class Certificates implements Disposable {
  readonly #deps: CertificateDeps;
  #all: readonly Certificate[];

  private constructor(all: readonly Certificate[], deps: CertificateDeps) {
    this.#all = all;
    this.#deps = deps;
    for (const certificate of all) certificate.follow();
  }

  /**
   * Reads certificates, one or more, and follows their files.
   *
   * @throws {CertificateError} in words when one cannot be used
   */
  static async open(list: readonly CertificateFiles[], deps: CertificateDeps): Promise<Certificates> {
    return new Certificates(await load(list, deps), deps);
  }

  /** What is given to those who name no host. */
  get context(): SecureContext {
    return this.#all[0].context;
  }

  /** What is given to those who name this host. */
  contextFor(host: string): SecureContext {
    if (this.#all.length === 1) return this.context;
    const name = host.toLowerCase();
    const wildcard = name.replace(/^[^.]+/, "*");
    const found = this.#all.find(({ hosts }) => hosts.includes(name)) ??
      this.#all.find(({ hosts }) => hosts.includes(wildcard));
    return (found ?? this.#all[0]).context;
  }

  /**
   * Reads other files, without using them yet; the result does that.
   *
   * @throws {CertificateError} in words when one cannot be used
   */
  async prepare(list: readonly CertificateFiles[]): Promise<() => void> {
    const kept = this.#all.slice(0, list.length);
    const applies: (() => void)[] = [];
    for (const [at, certificate] of kept.entries()) applies.push(await certificate.prepare(list[at]));
    const more = await load(list.slice(kept.length), this.#deps);
    return () => {
      for (const apply of applies) apply();
      for (const gone of this.#all.slice(kept.length)) gone[Symbol.dispose]();
      for (const certificate of more) certificate.follow();
      this.#all = [...kept, ...more];
    };
  }

  [Symbol.dispose](): void {
    for (const certificate of this.#all) certificate[Symbol.dispose]();
  }
}

async function load(list: readonly CertificateFiles[], deps: CertificateDeps): Promise<Certificate[]> {
  const all: Certificate[] = [];
  for (const files of list) all.push(await Certificate.load(files, deps));
  return all;
}
