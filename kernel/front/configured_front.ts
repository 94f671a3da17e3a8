import { Certificates } from "./certificates.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { SettingPath } from "../config/diff.ts";
import { CERTIFICATE_SETTINGS, certificateFiles } from "../config/kernel_config.ts";
import type { ConnectionLimits } from "./file_limit.ts";
import type { Files } from "../files/files.ts";
import type { Front, FrontSettings, Listener, ListenOptions, SocketProtocol, UpgradeProtocol } from "./front.ts";
import type { HttpAnswer } from "./front_http.ts";
import type { Logger } from "../log/log.ts";
import { NetworkList } from "./network_list.ts";
import { OpenFront, type SharedFront } from "./open_front.ts";
import type { Placement } from "../plugin/placement.ts";
import type { Apply } from "../plugin/plugin.ts";

/** The way in as a server runs it: with its settings, in this isolate or in workers. */
export interface ServerFront extends Front, Disposable {
  /** The ports that are open. */
  readonly listeners: readonly Listener[];
  /** Opens what the settings name: the certificate, and the ports of HTTP and HTTPS. */
  begin(): Promise<void>;
  /** Makes ready what new settings need; throws when they cannot be taken. */
  prepare(next: Config, changed: readonly SettingPath[]): Promise<Apply>;
  /** Lets those in who came too early, and all who come from now on. */
  open(): void;
  /** Accepts nothing more; what is open stays. */
  stopListening(): void;
  /** Where streams are written down, if that is in other isolates. */
  readonly placement?: Placement;
  /** Has other isolates complete what they write, in about `ms` milliseconds. */
  windUp?(ms: number): Promise<void>;
  /** Settles when all that connections are to be told has been written. */
  finish(): Promise<void>;
}

/** What a front is made of. */
export interface ConfiguredFrontOptions {
  readonly config: Config;
  readonly possible: ConnectionLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly files: Files;
  readonly answer: HttpAnswer;
  /** Where it says what becomes of its settings and their certificates, if not in its log: one of several fronts is enough. */
  readonly settingsLog?: Logger;
  /** What it has in common with the fronts of other isolates. */
  readonly shared?: SharedFront;
}

/** The front of one isolate with the settings of a server. */
export class ConfiguredFront implements ServerFront {
  readonly #options: ConfiguredFrontOptions;
  readonly #settingsLog: Logger;
  readonly #front: OpenFront;
  #config: Config;
  #certificates?: Certificates;
  /** The wish for more connections than are possible that has been answered. */
  #wanted?: number;

  constructor(options: ConfiguredFrontOptions) {
    this.#options = options;
    this.#config = options.config;
    const { clock, log, settingsLog = log, answer, shared } = options;
    this.#settingsLog = settingsLog;
    this.#front = new OpenFront(this.#settings([]), clock, log.child("front"), answer, shared);
  }

  get refused(): Front["refused"] {
    return this.#front.refused;
  }

  get listeners(): readonly Listener[] {
    return this.#front.listeners;
  }

  protocol(protocol: SocketProtocol): Disposable {
    return this.#front.protocol(protocol);
  }

  upgrade(protocol: UpgradeProtocol): Disposable {
    return this.#front.upgrade(protocol);
  }

  async listen(options: ListenOptions): Promise<Listener> {
    const listener = await this.#front.listen(options);
    if (options.needsTls) this.#front.configure(this.#settings(this.listeners));
    return listener;
  }

  async begin(): Promise<void> {
    await this.openCertificate();
    for (const options of portsOf(this.#config)) await this.listen(options);
  }

  /** Reads the certificates, where settings name one. */
  async openCertificate(): Promise<void> {
    const list = certificateFiles(this.#config.tls);
    if (list.length === 0) return;
    const { files, clock } = this.#options;
    this.#certificates = await Certificates.open(list, { files, clock, log: this.#settingsLog.child("tls") });
    this.#front.certificate = this.#certificates;
  }

  async prepare(next: Config, changed: readonly SettingPath[]): Promise<Apply> {
    const isOther = changed.some(([section, name]) => section === "tls" && CERTIFICATE_SETTINGS.includes(name));
    const take = isOther ? await this.#certificates?.prepare(certificateFiles(next.tls)) : undefined;
    return () => {
      take?.();
      this.#config = next;
      this.#front.configure(this.#settings(this.listeners));
    };
  }

  open(): void {
    this.#front.open();
  }

  stopListening(): void {
    this.#front.stopListening();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  /** Waits until the system has taken what was written to connections, at most `ms`. */
  written(ms: number): Promise<void> {
    return this.#front.written(ms);
  }

  [Symbol.dispose](): void {
    this.#front[Symbol.dispose]();
    this.#certificates?.[Symbol.dispose]();
  }

  #settings(listeners: readonly Listener[]): FrontSettings {
    const { limits, log, proxy, tls, stallSeconds } = this.#config;
    const https = listeners.find(({ name }) => name === "https");
    return {
      connections: this.#connections(limits.connections, this.#options.possible),
      connectionsPerAddress: limits.connectionsPerAddress,
      backlog: this.#options.possible.backlog,
      firstByteMs: limits.firstByteSeconds * 1000,
      headerMs: limits.headerSeconds * 1000,
      stallMs: stallSeconds * 1000,
      proxy: { mode: proxy.protocol, trusted: new NetworkList(proxy.trusted), header: proxy.header },
      logsRequests: log.access,
      redirectPort: tls.redirect && https ? tls.redirectTo ?? https.port : undefined,
    };
  }

  /** A port that meets the limit of open files is deaf for a while, so that limit counts more than a wish. */
  #connections(wanted: number, { connections, isKnown }: ConnectionLimits): number {
    if (wanted === 0) return connections;
    if (wanted <= connections || !isKnown) return wanted;
    if (this.#wanted !== wanted) {
      this.#settingsLog.warn(`limits.connections is ${wanted}, but the limit of open files allows ${connections}`);
    }
    this.#wanted = wanted;
    return connections;
  }
}

/** The ports that a server itself opens, as its settings say. */
export function portsOf({ http, tls }: Config): ListenOptions[] {
  const plain = (http.ports ?? [http.port]).map((port) => ({ name: "http", host: http.host, port }));
  if (certificateFiles(tls).length === 0) return plain;
  const secure = (tls.ports ?? [tls.port]).map((port) => ({ name: "https", host: tls.host, port, needsTls: true }));
  return [...plain, ...secure];
}
