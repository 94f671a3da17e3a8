import type { Clock } from "../clock.ts";
import type { Logger } from "../log/log.ts";
import type { Closed, CloseReason } from "../reasons.ts";
import { OpenSession, type Session, type SessionInfo } from "../sessions/session.ts";
import type { SessionTarget } from "../sessions/sessions.ts";
import { CopiedSession } from "./packets/copied_session.ts";
import { type Post, sentInfo, type WorkerQuestion, type WorkerWord } from "./messages.ts";
import type { Questions } from "./questions.ts";
import { type Place, type SharedNumbers, shareTraffic, TRAFFIC } from "./memory/shared_numbers.ts";

/** A session whose connection is here. */
class WorkerSession extends CopiedSession {
  constructor(
    id: string,
    readonly number: number,
    readonly place: Place,
    ...rest: ConstructorParameters<typeof OpenSession>
  ) {
    super(id, ...rest);
  }
}

/** What the sessions of a worker take from it. */
export interface WorkerSessionsHost {
  readonly clock: Clock;
  readonly log: Logger;
  readonly post: Post<WorkerWord>;
  readonly questions: Questions<WorkerQuestion>;
  readonly numbers: SharedNumbers;
}

/** The sessions whose connections are here; the main isolate lets them in and has one like each. */
export class WorkerSessions {
  readonly #host: WorkerSessionsHost;
  readonly #open = new Map<number, WorkerSession>();
  readonly #all = new Set<Session>();
  readonly #numbers = new WeakMap<Session, number>();
  readonly #logs = new Map<string, Logger>();
  #newest = 0;

  constructor(host: WorkerSessionsHost) {
    this.#host = host;
  }

  /** All that are open. */
  get all(): ReadonlySet<Session> {
    return this.#all;
  }

  /** The number by which the main isolate knows a session. */
  numberOf(session: Session): number {
    return this.#numbers.get(session) ?? 0;
  }

  /**
   * Opens a session for a peer.
   *
   * @throws {Refusal} when the main isolate does not let it in
   */
  async open(info: SessionInfo, target: SessionTarget = {}): Promise<Session> {
    const number = ++this.#newest;
    const { clock, questions, numbers } = this.#host;
    const place = numbers.take(TRAFFIC);
    const about = { session: number, place: place.at, info: sentInfo(info), target };
    const id = await questions.ask({ type: "open", ...about }) as string;
    const session = new WorkerSession(id, number, place, info, this.#logOf(info.protocol), clock, this.#over);
    this.#open.set(number, session);
    this.#all.add(session);
    this.#numbers.set(session, number);
    return session;
  }

  /** The main isolate has ended a session. */
  closed(number: number, reason: CloseReason, detail: string): void {
    const session = this.#open.get(number);
    this.#open.delete(number);
    session?.close(reason, detail);
  }

  /** Lets the main isolate see what has gone through each so far. */
  share(): void {
    for (const session of this.#open.values()) shareTraffic(session.place, session);
  }

  /** Lets the main isolate see what has gone through one so far. */
  shareOne(session: Session): void {
    const open = this.#open.get(this.numberOf(session));
    if (open) shareTraffic(open.place, open);
  }

  #logOf(protocol: string): Logger {
    let log = this.#logs.get(protocol);
    if (!log) this.#logs.set(protocol, log = this.#host.log.child(protocol));
    return log;
  }

  readonly #over = (session: OpenSession, { reason, detail }: Closed): void => {
    this.#all.delete(session);
    const number = this.numberOf(session);
    const open = this.#open.get(number);
    if (!open) return;
    this.#open.delete(number);
    shareTraffic(open.place, session);
    this.#host.post({ type: "close", session: number, reason, detail });
  };
}
