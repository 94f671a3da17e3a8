import type { Clock } from "../../kernel/clock.ts";
import type { Denial, StreamRequest, Verdict } from "../../kernel/plugin/hooks.ts";
import type { RepeatedLogger } from "../../kernel/log/repeated.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { type Ask, questionOf } from "./ways/ask.ts";
import { credentialsOf } from "./ways/credentials.ts";
import type { FailureTable } from "./failures.ts";
import type { Gate } from "./gates/gates.ts";
import { ipOfRemote } from "../../kernel/front/ip_address.ts";
import type { StreamMatcher } from "../../kernel/streams/stream_pattern.ts";
import type { LoginDesk, LoginStep } from "./ways/rtmp_login.ts";
import type { Action, Answer, Applicant, Peer, Way } from "./ways/way.ts";

/** What one action takes. */
export interface ActionRules {
  /** All of these have to be passed. */
  readonly gates: readonly Gate[];
  /** One of these has to say yes; without any, anyone is let in. */
  readonly ways: readonly Way[];
  /** Streams that need no credential. */
  readonly isOpen: StreamMatcher;
}

/** A peer that asks for a stream. */
export interface PeerRequest extends Pick<StreamRequest, "key" | "stream"> {
  readonly session: Peer;
}

/** What deciding takes. */
export interface AuthorizerDeps {
  readonly clock: Clock;
  readonly log: RepeatedLogger;
  readonly failures: FailureTable;
  readonly signal: AbortSignal;
  /** The program that is asked about connections. */
  readonly asked?: Ask;
  /** Where peers of RTMP log in. */
  readonly login?: LoginDesk;
}

/** Refusals held back at once; beyond it they are given at once: holding back is not to be what takes the server down. */
export const MAX_HELD_BACK = 1000;

/** What HTTP answers where a user and a password count (RFC 7617): browsers then ask people for them. */
const FOR_PEOPLE = 'Basic realm="Sluice", charset="UTF-8"';

/** What HTTP answers where they do not (RFC 6750, section 3). */
const FOR_PROGRAMS = 'Bearer realm="Sluice"';

/** Decides who may do what: gates first, then one credential that counts. */
export class Authorizer {
  #rules: Readonly<Record<Action, ActionRules>>;
  #deps: AuthorizerDeps;
  #heldBack = 0;

  constructor(rules: Readonly<Record<Action, ActionRules>>, deps: AuthorizerDeps) {
    this.#rules = rules;
    this.#deps = deps;
  }

  /** Decides by other rules from now on; who is in stays in. */
  replace(rules: Readonly<Record<Action, ActionRules>>, deps: AuthorizerDeps): void {
    this.#rules = rules;
    this.#deps = deps;
  }

  /**
   * Whether a peer may connect; `app` is empty where the protocol does not say it.
   *
   * @throws {Refusal} when its address is banned, or nobody can say at present
   */
  connect(session: Peer, app: string): Verdict | Promise<Verdict> {
    this.#refuseBanned(session);
    const step = this.#deps.login?.(session, app, (action) => this.#rules[action].ways.length > 0);
    if (step) return this.#answerLogin(session, step);
    return this.#deps.asked && this.#askToConnect(this.#deps.asked, session, app);
  }

  /**
   * Whether a session may do something with a stream.
   *
   * @throws {Refusal} when its address is banned, or nobody can say at present
   */
  async decide(action: Action, { session, key, stream }: PeerRequest): Promise<Verdict> {
    this.#refuseBanned(session);
    const { gates, ways, isOpen } = this.#rules[action];
    const ip = ipOfRemote(session.remote);
    const visitor = { action, session, key, stream, ip };
    for (const gate of gates) {
      const fault = gate(visitor);
      if (fault !== undefined) return this.#deny(action, session, fault, lowerFirst(fault), stream);
    }
    if (ways.length === 0 || isOpen(key)) return undefined;
    return await this.#ask({ ...visitor, credentials: credentialsOf(session) }, ways);
  }

  #refuseBanned(session: Peer): void {
    const seconds = this.#deps.failures.bannedSeconds(ipOfRemote(session.remote));
    if (seconds === 0) return;
    const why = `Too many wrong credentials from your address: try again in ${seconds} s`;
    throw new Refusal("too-many", this.#deny("connect", session, why, "banned").deny);
  }

  async #answerLogin(session: Peer, { says, deny, why }: LoginStep): Promise<Verdict> {
    if (says === "more") return { deny };
    this.#deny("connect", session, deny, why);
    await this.#punish(session, ipOfRemote(session.remote));
    return { deny };
  }

  async #askToConnect(asked: Ask, session: Peer, app: string): Promise<Verdict> {
    const applicant = { session, ip: ipOfRemote(session.remote), credentials: credentialsOf(session) };
    const answer = await asked.answer(questionOf(applicant, "connect", app));
    if (answer.says === "yes") return undefined;
    const why = "why" in answer ? answer.why : "it needs a credential";
    const denial = this.#deny("connect", session, `Cannot connect: ${why}`, why);
    return answer.says === "no" ? denial : { ...denial, challenge: FOR_PEOPLE };
  }

  async #ask(applicant: Applicant, ways: readonly Way[]): Promise<Verdict> {
    let worst: Answer = { says: "absent" };
    for (const way of ways) {
      const answer = await way.check(applicant);
      if (answer.says === "yes") return { credential: answer.credential };
      if (weight(answer) > weight(worst)) worst = answer;
    }
    return await this.#refuse(applicant, worst, ways);
  }

  async #refuse({ action, session, stream, ip }: Applicant, answer: Answer, ways: readonly Way[]): Promise<Verdict> {
    const why = "why" in answer ? answer.why : `it needs ${joined(ways.map(({ needs }) => needs))}`;
    const denial = this.#deny(action, session, `Cannot ${action} ${stream}: ${why}`, why, stream);
    if (answer.says === "no") return denial;
    if (answer.says === "wrong") await this.#punish(session, ip);
    return { ...denial, challenge: ways.some(({ hasPasswords }) => hasPasswords) ? FOR_PEOPLE : FOR_PROGRAMS };
  }

  async #punish(session: Peer, ip: string | undefined): Promise<void> {
    const { failures, log, clock, signal } = this.#deps;
    const { delayMs, isBan } = failures.count(ip);
    if (isBan) log.warn("An address is banned for its wrong credentials", { peer: ip });
    if (delayMs === 0 || this.#heldBack >= MAX_HELD_BACK) return;
    const over = Promise.withResolvers<void>();
    const end = () => over.resolve();
    this.#heldBack++;
    using _timer = clock.setTimeout(end, delayMs);
    session.onClose(end);
    signal.addEventListener("abort", end, { once: true });
    await over.promise;
    signal.removeEventListener("abort", end);
    session.offClose(end);
    this.#heldBack--;
  }

  #deny(action: string, session: Peer, deny: string, why: string, stream?: string): Denial {
    const { protocol, remote } = session;
    this.#deps.log.info(`${action} refused: ${why}`, { stream, protocol, peer: remote });
    return { deny };
  }
}

/** The more an answer says of what was presented, the more it helps. */
function weight({ says }: Answer): number {
  return ["absent", "wrong", "stale", "no", "yes"].indexOf(says);
}

function joined(words: readonly string[]): string {
  return [...new Set(words)].filter(Boolean).join(" or ");
}

function lowerFirst(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}
