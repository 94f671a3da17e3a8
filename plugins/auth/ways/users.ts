import { quoted, type StreamKey } from "../../../kernel/names.ts";
import { type StreamMatcher, streamMatcher } from "../../../kernel/streams/stream_pattern.ts";
import { type LoginDigest, loginDigestOf, parseLoginDigest } from "./login_digest.ts";
import type { LoginUsers, RtmpLogin } from "./rtmp_login.ts";
import { Presented, type SecretCheck } from "../secrets/secret_check.ts";
import { parseSecret, type StoredSecret } from "../secrets/stored_secret.ts";
import { ABSENT, type Action, type Answer, type Applicant, type Way } from "./way.ts";

/** A user, as the settings have it: the password or its hash, and what streams it is for. */
export interface UserSettings {
  readonly password: string;
  /** What RTMP's login needs where the password is a hash: `md5:SALT:DIGEST`. */
  readonly rtmpPassword?: string;
  readonly publish: readonly string[];
  readonly play: readonly string[];
}

interface User {
  readonly stored: StoredSecret;
  readonly login?: LoginDigest;
  readonly may: Readonly<Record<Action, StreamMatcher>>;
}

/** Who has a user's name and password is let in where that user is. */
export class Users implements Way, LoginUsers {
  readonly needs = "a user and a password";
  readonly hasPasswords = true;
  readonly #users: ReadonlyMap<string, User>;
  readonly #check: SecretCheck;
  readonly #login?: RtmpLogin;

  /** @throws {TypeError} when a pattern or a hash is none */
  constructor(users: Readonly<Record<string, UserSettings>>, check: SecretCheck, login?: RtmpLogin) {
    this.#users = new Map(Object.entries(users).map(([name, settings]) => [name, toUser(name, settings, login)]));
    this.#check = check;
    this.#login = login;
  }

  /** The users who cannot log in over RTMP, since their passwords are hashes. */
  get withoutLogin(): string[] {
    return [...this.#users].filter(([, { login }]) => login === undefined).map(([name]) => name);
  }

  loginDigest(name: string): LoginDigest | undefined {
    return this.#users.get(name)?.login;
  }

  /** The users whose passwords stand in the settings as they are. */
  get plain(): string[] {
    return [...this.#users].filter(([, { stored }]) => stored.kind === "digest" && stored.isPlain).map(([name]) =>
      name
    );
  }

  async check({ session, action, key, stream, credentials }: Applicant): Promise<Answer> {
    const loggedIn = this.#login?.userOf(session);
    if (loggedIn !== undefined) return this.#mayOf(loggedIn, action, key, stream);
    const { user: name, password } = credentials;
    if (name === undefined || password === undefined) return ABSENT;
    const user = this.#users.get(name);
    // A name that is not known takes as long as one that is, lest it be told by the time.
    const isSame = await this.#check.isSame(new Presented(password), (user ?? this.#decoy()).stored);
    if (!user || !isSame) return { says: "wrong", why: "the user or the password is wrong" };
    return this.#mayOf(name, action, key, stream);
  }

  #mayOf(name: string, action: Action, key: StreamKey, stream: string): Answer {
    if (this.#users.get(name)?.may[action](key)) return { says: "yes", credential: `user ${name}` };
    return { says: "no", why: `the user ${quoted(name)} may not ${action} ${stream}` };
  }

  #decoy(): User {
    const users = [...this.#users.values()];
    return users.find(({ stored }) => stored.kind !== "digest") ?? users[0];
  }
}

function toUser(name: string, { password, rtmpPassword, publish, play }: UserSettings, login?: RtmpLogin): User {
  const stored = parseSecret(password);
  return {
    stored,
    login: rtmpPassword !== undefined
      ? parseLoginDigest(rtmpPassword)
      : login && stored.kind === "digest" && stored.isPlain
      ? loginDigestOf(name, password, login.saltOf(name))
      : undefined,
    may: { publish: streamMatcher(publish), play: streamMatcher(play) },
  };
}
