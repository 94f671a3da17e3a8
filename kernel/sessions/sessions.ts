import type { Clock } from "../clock.ts";
import type { HookBus } from "../plugin/hooks.ts";
import type { Logger } from "../log/log.ts";
import { DEFAULT_VHOST } from "../names.ts";
import { Refusal } from "../reasons.ts";
import { OpenSession, type Session, type SessionInfo, type SessionOver } from "./session.ts";

/** What sessions take from their server. */
export interface SessionsHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly hooks: HookBus;
  /** Why nobody is let in just now; undefined when everybody is. */
  closed(info: SessionInfo): Refusal | undefined;
  /** A session is over, with all that belonged to it. */
  onOver(session: OpenSession): void;
}

/** What a session connects to, where its protocol says so. */
export interface SessionTarget {
  readonly app?: string;
  readonly vhost?: string;
}

/** All sessions of a server: who is let in, and what is told of them. */
export class Sessions {
  readonly all: Set<Session> = new Set();
  readonly #host: SessionsHost;
  readonly #logs = new Map<string, Logger>();

  constructor(host: SessionsHost) {
    this.#host = host;
  }

  /**
   * Opens a session for a peer.
   *
   * @throws {Refusal} when nobody is let in, or a plugin denies the connection
   */
  async open(info: SessionInfo, { app, vhost = DEFAULT_VHOST }: SessionTarget = {}): Promise<OpenSession> {
    this.#checkOpen(info);
    const session = this.#make(info);
    await this.#host.hooks.permit("connect", { session, app, vhost });
    this.#checkOpen(info);
    if (session.closed) throw new Refusal("denied", session.closed.message);
    return this.#admit(session);
  }

  /** Opens a session for a source of the server's own. */
  openInternal(protocol: string): OpenSession {
    return this.#admit(this.#make({ protocol, remote: "local" }));
  }

  #checkOpen(info: SessionInfo): void {
    const refusal = this.#host.closed(info);
    if (refusal) throw refusal;
  }

  #make(info: SessionInfo): OpenSession {
    const { protocol } = info;
    let log = this.#logs.get(protocol);
    if (!log) this.#logs.set(protocol, log = this.#host.log.child(protocol));
    return new OpenSession(info, log, this.#host.clock, this.#over);
  }

  #admit(session: OpenSession): OpenSession {
    this.all.add(session);
    session.log.debug("session started", { url: session.info.url });
    this.#host.hooks.tell("session:start", { session });
    return session;
  }

  readonly #over: SessionOver = (session, { reason, message: detail }) => {
    if (!this.all.delete(session)) return;
    this.#host.onOver(session);
    const { seconds, bytesIn, bytesOut } = session.toJSON();
    session.log.debug(`session ended: ${detail}`, { reason, seconds, bytesIn, bytesOut });
    this.#host.hooks.tell("session:end", { session, reason, detail, seconds, bytes: bytesIn + bytesOut });
  };
}
