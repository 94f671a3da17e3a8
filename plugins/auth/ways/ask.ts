import { errorText } from "../../../kernel/error_text.ts";
import { Refusal } from "../../../kernel/reasons.ts";
import { fingerprint, Remembered } from "./remembered.ts";
import { type RequestDeps, requestWithin } from "../request.ts";
import { Turns } from "../../shared/turns.ts";
import type { Action, Answer, Applicant, Way } from "./way.ts";

/** How another program is asked. */
export interface AskSettings {
  readonly url: string;
  readonly timeoutSeconds: number;
  readonly cacheSeconds: number;
  readonly concurrency: number;
  /** Whether everybody is let in when there is no answer. */
  readonly failOpen: boolean;
}

/** What asking takes. */
export interface AskDeps extends RequestDeps {
  /** Hears that there was no answer, in words. */
  warn(message: string): void;
}

/** What the other program is told. */
export interface Question {
  readonly user: string;
  readonly password: string;
  readonly token: string;
  readonly ip: string;
  readonly action: Action | "connect";
  /** The stream's id; of a connection that names an app alone, that. */
  readonly path: string;
  readonly protocol: string;
  readonly id: string;
  readonly query: string;
  readonly userAgent: string;
}

/** Questions that may wait while as many as allowed are being answered. */
const MAY_WAIT = 1000;

/** Asks another program by HTTP: any 2xx lets in, 401 and 403 and all else keeps out. */
export class Ask implements Way {
  readonly needs = "a credential";
  readonly hasPasswords = true;
  readonly #settings: AskSettings;
  readonly #deps: AskDeps;
  readonly #turns: Turns;
  readonly #remembered: Remembered<number>;

  constructor(settings: AskSettings, deps: AskDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#turns = new Turns(settings.concurrency, MAY_WAIT);
    this.#remembered = new Remembered(deps.clock);
  }

  check(applicant: Applicant): Promise<Answer> {
    return this.answer(questionOf(applicant, applicant.action, applicant.stream));
  }

  /**
   * The answer to a question.
   *
   * @throws {Refusal} when there is none, unless everybody is let in then
   */
  async answer(question: Question): Promise<Answer> {
    const { id: _, ...same } = question;
    const key = fingerprint(...Object.values(same));
    try {
      const status = await this.#remembered.of(key, async () => ({
        value: await this.#turns.run(() => this.#post(question)),
        ms: this.#settings.cacheSeconds * 1000,
      }));
      return answerOf(status, question);
    } catch (error) {
      return this.#without(error, question);
    }
  }

  #without(error: unknown, question: Question): Answer {
    const problem = errorText(error);
    this.#deps.warn(`The program that decides who may ${question.action} did not answer: ${problem}`);
    if (this.#settings.failOpen) return { says: "yes", credential: undefined };
    if (error instanceof Refusal) throw error;
    throw new Refusal("error", `The server cannot find out who may ${question.action}: try again`);
  }

  async #post(question: Question): Promise<number> {
    const init = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question),
      redirect: "manual",
    } as const;
    const status = await requestWithin(
      this.#deps,
      this.#settings.timeoutSeconds * 1000,
      this.#settings.url,
      init,
      read,
    );
    if (status >= 500) throw new Error(`the answer was ${status}`);
    return status;
  }
}

/** Only the status counts. */
async function read(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}

function answerOf(status: number, question: Question): Answer {
  if (status >= 200 && status < 300) return { says: "yes", credential: credentialOf(question) };
  const why = `you may not ${question.action} ${question.path}`;
  if (status !== 401) return { says: "no", why };
  return hasCredential(question) ? { says: "wrong", why } : { says: "absent" };
}

function hasCredential({ user, password, token, query }: Question): boolean {
  return [user, password, token, query].some((text) => text !== "");
}

/** Nothing, where nothing was presented: then two publishers are not known to be the same. */
function credentialOf(question: Question): string | undefined {
  const { user, password, token, query } = question;
  return hasCredential(question) ? `asked ${fingerprint(user, password, token, query)}` : undefined;
}

/** What there is to ask of somebody. */
export function questionOf(
  { session, credentials, ip }: Pick<Applicant, "session" | "credentials" | "ip">,
  action: Question["action"],
  path: string,
): Question {
  return {
    user: credentials.user ?? "",
    password: credentials.password ?? "",
    token: credentials.token ?? "",
    ip: ip ?? "",
    action,
    path,
    protocol: session.protocol,
    id: session.id,
    query: session.params.toString(),
    userAgent: session.info.userAgent ?? "",
  };
}
