import { quoted } from "../../kernel/names.ts";
import { type StreamMatcher, streamMatcher } from "../shared/stream_pattern.ts";
import { Presented, type SecretCheck } from "./secret_check.ts";
import { parseSecret, type StoredSecret } from "./stored_secret.ts";
import { ABSENT, type Action, type Answer, type Applicant, type Way } from "./way.ts";

/** A user, as the settings have it: the password or its hash, and what streams it is for. */
export interface UserSettings {
  readonly password: string;
  readonly publish: readonly string[];
  readonly play: readonly string[];
}

interface User {
  readonly stored: StoredSecret;
  readonly may: Readonly<Record<Action, StreamMatcher>>;
}

/** Who has a user's name and password is let in where that user is. */
export class Users implements Way {
  readonly needs = "a user and a password";
  readonly hasPasswords = true;
  readonly #users: ReadonlyMap<string, User>;
  readonly #check: SecretCheck;

  /** @throws {TypeError} when a pattern or a hash is none */
  constructor(users: Readonly<Record<string, UserSettings>>, check: SecretCheck) {
    this.#users = new Map(Object.entries(users).map(([name, settings]) => [name, toUser(settings)]));
    this.#check = check;
  }

  /** The users whose passwords stand in the settings as they are. */
  get plain(): string[] {
    return [...this.#users].filter(([, { stored }]) => stored.kind === "digest" && stored.isPlain).map(([name]) =>
      name
    );
  }

  async check({ action, key, stream, credentials: { user: name, password } }: Applicant): Promise<Answer> {
    if (name === undefined || password === undefined) return ABSENT;
    const user = this.#users.get(name);
    // A name that is not known takes as long as one that is, lest it be told by the time.
    const isSame = await this.#check.isSame(new Presented(password), (user ?? this.#decoy()).stored);
    if (!user || !isSame) return { says: "wrong", why: "the user or the password is wrong" };
    if (user.may[action](key)) return { says: "yes", credential: `user ${name}` };
    return { says: "no", why: `the user ${quoted(name)} may not ${action} ${stream}` };
  }

  #decoy(): User {
    const users = [...this.#users.values()];
    return users.find(({ stored }) => stored.kind === "scrypt") ?? users[0];
  }
}

function toUser({ password, publish, play }: UserSettings): User {
  return { stored: parseSecret(password), may: { publish: streamMatcher(publish), play: streamMatcher(play) } };
}
