import { SignJWT } from "jose";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { hashSecret } from "../../plugins/auth/secrets/stored_secret.ts";
import { signedQuery } from "../../plugins/auth/ways/signed_address.ts";
import type { Action } from "../../plugins/auth/ways/way.ts";
import type { Outcome, Texts } from "./doors.ts";

/** Somebody who knocks at each door. */
export interface Knock {
  /** What is presented, in words. */
  readonly with: string;
  readonly params?: Texts;
  /** Tried only at doors that have headers. */
  readonly headers?: Texts;
  /** `live/cam` unless said otherwise. */
  readonly path?: string;
  readonly expected: Outcome;
}

/** Settings of `auth`, and who gets in with them. */
export interface Rule {
  readonly name: string;
  readonly action: Action;
  readonly auth: Readonly<Record<string, unknown>>;
  readonly knocks: readonly Knock[];
}

const KEY = "sesame-0123456789-abcdefgh";
const SECRET = "S3CR3T of signatures and tokens, long enough";
const NOW = new FakeClock().date().getTime() / 1000;

/** What lets in whoever publishes what is to be played, where anything is needed for that. */
export const PUBLISHER: Texts = { key: KEY, user: "ann", pass: "opensaysme" };

/** All that may stand in no log. */
export const SECRETS: readonly string[] = [
  "sesame",
  "S3CR3T",
  "opensaysme",
  "eyJhbGciOi",
  "b3BlbnNheXNtZQ",
  "signature=[^*]",
];

function signed(action: Action, stream: string, expires = NOW + 60, ip?: string): Texts {
  return Object.fromEntries(signedQuery(SECRET, { action, stream, expires, ip }));
}

function token(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

function basic(user: string, password: string): Texts {
  return { Authorization: `Basic ${btoa(`${user}:${password}`)}` };
}

/** Of `password`, by the reference implementation. */
const ARGON2 = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

const keyHash = await hashSecret(KEY);
const passwordHash = await hashSecret("opensaysme");
const publishToken = await token({ action: "publish", path: "live/*", exp: NOW + 60 });
const playToken = await token({ permissions: [{ action: "play", path: "live/cam" }], exp: NOW + 60 });
const expiredToken = await token({ action: ["publish", "play"], path: "*", exp: NOW - 60 });

function keyKnocks(): Knock[] {
  return [
    { with: "nothing", expected: "unauthorized" },
    { with: "an empty key", params: { key: "" }, expected: "unauthorized" },
    { with: "a wrong key", params: { key: "sesame" }, expected: "unauthorized" },
    { with: "the key and more", params: { key: `${KEY}x` }, expected: "unauthorized" },
    { with: "the key in capitals", params: { key: KEY.toUpperCase() }, expected: "unauthorized" },
    { with: "the hash instead of the key", params: { key: keyHash }, expected: "unauthorized" },
    { with: "?key=", params: { key: KEY }, expected: "in" },
    { with: "?token=", params: { token: KEY }, expected: "in" },
    { with: "?user=&pass=", params: { user: "any", pass: KEY }, expected: "in" },
    { with: "Bearer", headers: { Authorization: `Bearer ${KEY}` }, expected: "in" },
    { with: "Basic", headers: basic("any", KEY), expected: "in" },
    { with: "a wrong Bearer", headers: { Authorization: "Bearer sesame" }, expected: "unauthorized" },
    { with: "the key of another stream", params: { key: KEY }, path: "other/cam", expected: "unauthorized" },
  ];
}

function ruleOfKeys(action: Action, keys: unknown, how: string): Rule {
  return { name: `${action}: keys, ${how}`, action, auth: { [action]: { keys } }, knocks: keyKnocks() };
}

function ruleOfUsers(action: Action): Rule {
  return {
    name: `${action}: users`,
    action,
    auth: {
      users: {
        ann: { password: passwordHash, [action]: ["live/*", "!live/private"] },
        bob: { password: "opensaysme too", [action]: ["other/*"] },
      },
    },
    knocks: [
      { with: "nothing", expected: "unauthorized" },
      { with: "user and password", params: { user: "ann", pass: "opensaysme" }, expected: "in" },
      { with: "another spelling", params: { user: "ann", password: "opensaysme" }, expected: "in" },
      { with: "Basic", headers: basic("ann", "opensaysme"), expected: "in" },
      { with: "a user alone", params: { user: "ann" }, expected: "unauthorized" },
      { with: "a password alone", params: { pass: "opensaysme" }, expected: "unauthorized" },
      { with: "a wrong password", params: { user: "ann", pass: "opensesame" }, expected: "unauthorized" },
      { with: "another's password", params: { user: "ann", pass: "opensaysme too" }, expected: "unauthorized" },
      { with: "nobody's name", params: { user: "eve", pass: "opensaysme" }, expected: "unauthorized" },
      { with: "a user of other streams", params: { user: "bob", pass: "opensaysme too" }, expected: "denied" },
      {
        with: "a stream that is left out",
        params: { user: "ann", pass: "opensaysme" },
        path: "live/private",
        expected: "denied",
      },
    ],
  };
}

function ruleOfSignatures(action: Action): Rule {
  const other: Action = action === "publish" ? "play" : "publish";
  return {
    name: `${action}: signed addresses`,
    action,
    auth: { signing: { secret: SECRET, for: [action] } },
    knocks: [
      { with: "nothing", expected: "unauthorized" },
      { with: "a signed address", params: signed(action, "live/cam"), expected: "in" },
      { with: "an expired address", params: signed(action, "live/cam", NOW), expected: "unauthorized" },
      { with: "one of another stream", params: signed(action, "live/other"), expected: "unauthorized" },
      { with: "one for another action", params: signed(other, "live/cam"), expected: "unauthorized" },
      { with: "one bound to here", params: signed(action, "live/cam", NOW + 60, "127.0.0.0/8"), expected: "in" },
      { with: "one bound elsewhere", params: signed(action, "live/cam", NOW + 60, "192.0.2.7"), expected: "denied" },
      {
        with: "a longer time than was signed",
        params: { ...signed(action, "live/cam"), expires: String(NOW + 999) },
        expected: "unauthorized",
      },
    ],
  };
}

function ruleOfTokens(action: Action, own: string, other: string): Rule {
  return {
    name: `${action}: tokens`,
    action,
    auth: { jwt: { secret: SECRET, for: [action] } },
    knocks: [
      { with: "nothing", expected: "unauthorized" },
      { with: "?token=", params: { token: own }, expected: "in" },
      { with: "?jwt=", params: { jwt: own }, expected: "in" },
      { with: "?key=", params: { key: own }, expected: "in" },
      { with: "Bearer", headers: { Authorization: `Bearer ${own}` }, expected: "in" },
      { with: "one for another action", params: { token: other }, expected: "denied" },
      { with: "one for another stream", params: { token: own }, path: "other/cam", expected: "denied" },
      { with: "an expired one", params: { token: expiredToken }, expected: "unauthorized" },
      { with: "one that was changed", params: { token: `${own.slice(0, -4)}AAAA` }, expected: "unauthorized" },
      { with: "a key", params: { token: KEY }, expected: "unauthorized" },
    ],
  };
}

function rulesOfPlaces(action: Action): Rule[] {
  const one = (name: string, settings: Record<string, unknown>, expected: Outcome, more: Knock[] = []): Rule => ({
    name: `${action}: ${name}`,
    action,
    auth: { [action]: settings },
    knocks: [{ with: "nothing", expected }, ...more],
  });
  const page = (referer: string, expected: Outcome): Knock => ({
    with: referer,
    headers: { Referer: referer },
    expected,
  });
  return [
    one("from here", { allowIps: ["127.0.0.0/8"] }, "in"),
    one("from IPv4 here, written as IPv6", { allowIps: ["::ffff:127.0.0.1"] }, "in"),
    one("from elsewhere", { allowIps: ["192.0.2.0/24", "2001:db8::/32"] }, "denied"),
    one("not from here", { denyIps: ["127.0.0.1"] }, "denied"),
    one("not from elsewhere", { denyIps: ["192.0.2.0/24", "::/0"] }, "in"),
    one("not from here, though allowed", { allowIps: ["127.0.0.0/8"], denyIps: ["127.0.0.1"] }, "denied"),
    one("from here with a key", { allowIps: ["127.0.0.0/8"], keys: { "*": KEY } }, "unauthorized", [
      { with: "the key", params: { key: KEY }, expected: "in" },
    ]),
    one("from elsewhere, whatever the key", { allowIps: ["192.0.2.7"], keys: { "*": KEY } }, "denied", [
      { with: "the key", params: { key: KEY }, expected: "denied" },
    ]),
    one("from pages", { referers: ["github.com"] }, "denied", [
      page("https://github.com/", "in"),
      page("https://docs.github.com/a?b", "in"),
      page("https://evilgithub.com/", "denied"),
      page("https://github.com.evil.org/", "denied"),
      { with: "an origin", headers: { Origin: "https://github.com" }, expected: "in" },
      { with: "another origin", headers: { Origin: "https://evilgithub.com" }, expected: "denied" },
      { with: "no origin", headers: { Origin: "null" }, expected: "denied" },
    ]),
    one("from pages or none", { referers: ["github.com", "none"] }, "in", [page("https://evilgithub.com/", "denied")]),
  ];
}

/** Every rule that is tried at every door. */
export const RULES: readonly Rule[] = (["publish", "play"] as const).flatMap((action): Rule[] => [
  { name: `${action}: nothing is set`, action, auth: {}, knocks: [{ with: "nothing", expected: "in" }] },
  {
    name: `${action}: only the other action needs a key`,
    action,
    auth: { [action === "publish" ? "play" : "publish"]: { keys: { "*": KEY } } },
    knocks: [{ with: "nothing", expected: "in" }],
  },
  ruleOfKeys(action, { "live/*": KEY }, "as they are"),
  ruleOfKeys(action, { "live/*": [keyHash, "another key"] }, "hashed"),
  {
    name: `${action}: keys, hashed slowly`,
    action,
    auth: { [action]: { keys: { "live/cam": passwordHash } } },
    knocks: [
      { with: "the key", params: { key: "opensaysme" }, expected: "in" },
      { with: "a wrong key", params: { key: "opensesame" }, expected: "unauthorized" },
    ],
  },
  {
    name: `${action}: users, hashed by Argon2`,
    action,
    auth: { users: { ann: { password: ARGON2, [action]: ["live/*"] }, bob: { password: "x", [action]: ["live/*"] } } },
    knocks: [
      { with: "user and password", params: { user: "ann", pass: "password" }, expected: "in" },
      { with: "a wrong password", params: { user: "ann", pass: "passwore" }, expected: "unauthorized" },
      { with: "nobody's name", params: { user: "eve", pass: "password" }, expected: "unauthorized" },
    ],
  },
  {
    name: `${action}: keys, but not for all streams`,
    action,
    auth: { [action]: { keys: { "*": KEY }, open: ["public/*"] } },
    knocks: [
      { with: "nothing", expected: "unauthorized" },
      { with: "nothing, for an open stream", path: "public/cam", expected: "in" },
      { with: "a wrong key, for an open stream", params: { key: "sesame" }, path: "public/cam", expected: "in" },
    ],
  },
  ruleOfUsers(action),
  ruleOfSignatures(action),
  ruleOfTokens(
    action,
    ...(action === "publish" ? [publishToken, playToken] as const : [playToken, publishToken] as const),
  ),
  {
    name: `${action}: any of several ways`,
    action,
    auth: {
      [action]: { keys: { "live/*": KEY } },
      signing: { secret: SECRET },
      users: { ann: { password: "opensaysme", publish: ["*"], play: ["*"] } },
    },
    knocks: [
      { with: "nothing", expected: "unauthorized" },
      { with: "the key", params: { key: KEY }, expected: "in" },
      { with: "a signed address", params: signed(action, "live/cam"), expected: "in" },
      { with: "a user", params: { user: "ann", pass: "opensaysme" }, expected: "in" },
      { with: "a wrong key and a right user", params: { key: "x", user: "ann", pass: "opensaysme" }, expected: "in" },
      { with: "all wrong", params: { key: "x", user: "ann", pass: "y", signature: "z" }, expected: "unauthorized" },
    ],
  },
  {
    name: `${action}: apps`,
    action,
    auth: { apps: { allow: ["live", "other"], deny: ["other"] } },
    knocks: [
      { with: "an allowed app", expected: "in" },
      { with: "a denied app", path: "other/cam", expected: "denied" },
      { with: "an app that is not listed", path: "third/cam", expected: "denied" },
    ],
  },
  ...rulesOfPlaces(action),
]);
