import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../../kernel/clock.ts";
import { isSameResponse, type LoginDigest, loginDigestOf, loginResponse } from "./login_digest.ts";
import { credentialsOf, presentsAny } from "./credentials.ts";
import type { Action, Peer } from "./way.ts";

/** How long a question may take to be answered, in milliseconds: encoders connect anew with the answer. */
const QUESTION_MS = 60_000;

/** Answers that count once are kept in mind for as long as they would; more within a minute is no login of encoders. */
const MAX_USED = 100_000;

/** What the peer is to hear next; `wrong` counts as a guess. Undefined when it is in, or wants to be let in otherwise. */
export interface LoginStep {
  readonly says: "more" | "wrong";
  /** In the words that encoders look for. */
  readonly deny: string;
  /** For the log. */
  readonly why: string;
}

/** What a login may look up. */
export interface LoginUsers {
  /** What is known of a user's password; undefined for nobody, and for a user without such a digest. */
  loginDigest(user: string): LoginDigest | undefined;
}

/**
 * Asks peers of RTMP who they are, as Adobe's servers do and encoders with fields for a user and a password know it.
 *
 * The peer connects three times: with nothing, with its user, and with the answer to the question that it got for it.
 * Questions are not remembered: each proves itself, for a minute, and one that has let somebody in counts no more.
 */
export class RtmpLogin {
  readonly #clock: Clock;
  readonly #secret = randomBytes(32);
  readonly #loggedIn = new WeakMap<Peer, string>();
  /** Questions that have let somebody in, and until when they would be good. */
  readonly #used = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Who has logged in on this session. */
  userOf(session: Peer): string | undefined {
    return this.#loggedIn.get(session);
  }

  /** The salt of a user whose password is known, and of nobody: the same each time, as those of others are. */
  saltOf(user: string): string {
    return this.#mac("salt", user).slice(0, 12);
  }

  /** Whether a peer says that it wants to log in. */
  isWanted(session: Peer): boolean {
    return session.protocol === "rtmp" && session.info.params?.get("authmod") === "adobe";
  }

  /** Tells a peer that it has to log in. */
  get first(): LoginStep {
    return { says: "more", deny: `${REJECT} [ code=403 need auth; authmod=adobe ] :`, why: "it has to log in" };
  }

  /** Looks at what a peer says that wants to log in. */
  step(session: Peer, users: LoginUsers): LoginStep | undefined {
    const user = given(session, "user");
    if (user === "") return this.first;
    const [response, opaque, nonce] = ["response", "opaque", "challenge"].map((name) => given(session, name));
    const known = users.loginDigest(user);
    const { salt } = known ?? { salt: this.saltOf(user) };
    if (response === "" || !this.#isOpen(opaque, user, salt)) return this.#ask(user, salt);
    const expected = loginResponse(known ?? loginDigestOf(user, opaque, salt), opaque, nonce);
    if (!known || !isSameResponse(response, expected)) {
      return {
        says: "wrong",
        deny: `${WORDS} ?reason=authfailed&opaque=${opaque}`,
        why: "the user or the password is wrong",
      };
    }
    this.#used.set(opaque, this.#clock.now() + QUESTION_MS);
    this.#loggedIn.set(session, user);
  }

  #ask(user: string, salt: string): LoginStep {
    const issued = Math.floor(this.#clock.now()).toString(36);
    const head = `${issued}-${randomBytes(9).toString("hex")}`;
    const question = `${head}-${this.#mac(head, user, salt)}`;
    const deny = `${WORDS} ?reason=needauth&user=${user}&salt=${salt}&challenge=${question}&opaque=${question}`;
    return { says: "more", deny, why: "it is asked for its password" };
  }

  #isOpen(question: string, user: string, salt: string): boolean {
    const [issued = "", random = "", ...mac] = question.split("-");
    const age = this.#clock.now() - parseInt(issued, 36);
    if (!(age >= -1 && age <= QUESTION_MS)) return false;
    this.#forget();
    if (this.#used.has(question) || this.#used.size >= MAX_USED) return false;
    return isSameResponse(mac.join("-"), this.#mac(`${issued}-${random}`, user, salt));
  }

  /** They stand in the order of their time. */
  #forget(): void {
    for (const [question, until] of this.#used) {
      if (until > this.#clock.now()) return;
      this.#used.delete(question);
    }
  }

  #mac(...texts: string[]): string {
    return createHmac("sha256", this.#secret).update(texts.join("\n")).digest("base64url").slice(0, 24);
  }
}

/** Which apps ask for a login; `*` stands for all. */
export type LoginDesk = (session: Peer, app: string, needs: (action: Action) => boolean) => LoginStep | undefined;

/**
 * Sends those of RTMP to log in who want it, and those who connect without any credential to one of these apps, though
 * what they are about to do needs one.
 */
export function loginDesk(login: RtmpLogin, users: LoginUsers, apps: readonly string[]): LoginDesk {
  const asked = new Set(apps);
  return (session, app, needs) => {
    if (login.isWanted(session)) return login.step(session, users);
    if (session.protocol !== "rtmp" || !(asked.has("*") || asked.has(app))) return undefined;
    if (!needs(session.info.isPublisher ? "publish" : "play") || presentsAny(credentialsOf(session))) return undefined;
    return login.first;
  };
}

/** What encoders look for in the description of a refusal. */
const REJECT = "[ AccessManager.Reject ] :";
const WORDS = `${REJECT} [ authmod=adobe ] :`;

/** Encoders do not escape base64's plus, which forms take for a space; no name and no answer has a space. */
function given({ params }: Peer, name: string): string {
  return (params.get(name) ?? "").slice(0, 256).replaceAll(" ", "+");
}
