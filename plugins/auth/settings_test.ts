import { assertEquals, assertThrows } from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import { ConfigError, explainConfig, printConfig, resolveConfig } from "../../kernel/config/config.ts";
import { auth } from "./plugin.ts";

const PLUGINS = [auth()];

const RIGHT: { name: string; flags: Record<string, string> }[] = [
  { name: "keys in a flag", flags: { "auth-publish-keys": "live/cam=sesame,live/*=sha256:" + "A".repeat(43) } },
  {
    name: "a slow hash in a flag",
    flags: { "auth-publish-keys": `live/*=scrypt:15:8:1:c2FsdHNhbHQ:${"A".repeat(43)}` },
  },
  { name: "networks", flags: { "auth-play-deny-ips": "10.0.0.0/8,::1,fd00::/8,::ffff:192.0.2.7" } },
  { name: "referers", flags: { "auth-play-referers": "example.com,none,[::1]" } },
  { name: "users as JSON", flags: { "auth-users": '{"ann":{"password":"x","play":["*"]}}' } },
  { name: "a JWKS", flags: { "auth-jwt-jwks-url": "https://login.example.com/keys" } },
  { name: "a public key", flags: { "auth-jwt-public-key": publicKey() } },
];

function publicKey(): string {
  return generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
}

for (const { name, flags } of RIGHT) {
  Deno.test(`settings may have ${name}`, () => void resolveConfig({ plugins: PLUGINS, flags }));
}

const WRONG: { auth: unknown; problem: string }[] = [
  {
    auth: { publish: { keys: { "live": "x" } } },
    problem:
      "code: auth.publish.keys.live is ***, but must stand under a pattern of streams: APP/STREAM, where * stands for anything.",
  },
  {
    auth: { publish: { keys: { "live/*": "sha256:abc" } } },
    problem: "code: auth.publish.keys.live/* is ***, but cannot be used: a sha256 hash has 32 bytes, this one 2.",
  },
  {
    auth: { publish: { keys: { "live/*": ["x", "$argon2i$v=19$m=1,t=1,p=1$a$b"] } } },
    problem: "code: auth.publish.keys.live/*[1] is ***, but cannot be used: this kind of hash is not known: expected " +
      "sha256:HASH, scrypt:LOGN:R:P:SALT:HASH, $argon2id$… or the key itself.",
  },
  {
    auth: { users: { ann: { password: "scrypt:1:1:1", play: ["*"] } } },
    problem: "code: auth.users.ann.password is ***, but cannot be used: a scrypt hash is scrypt:LOGN:R:P:SALT:HASH, " +
      "this one is not whole.",
  },
  {
    auth: { users: { ann: { password: "x" } } },
    problem: "The setting auth.users.ann is an object, but must have streams under publish or play.",
  },
  {
    auth: { users: { "a:b": { password: "x", play: ["*"] } } },
    problem:
      "The setting auth.users.a:b is an object, but must stand under a name of at most 64 characters, none of them a colon or a space.",
  },
  {
    auth: { play: { allowIps: ["10.0.0.0/33"] } },
    problem: 'code: auth.play.allowIps[0] is "10.0.0.0/33", but must be an address or a network, such as 192.0.2.7, ' +
      "10.0.0.0/8 or fd00::/8.",
  },
  {
    auth: { play: { referers: ["https://example.com/"] } },
    problem: 'code: auth.play.referers[0] is "https://example.com/", but must be the name of a host, such as ' +
      'example.com, or "none".',
  },
  {
    auth: { apps: { allow: ["li/ve"] } },
    problem: 'code: auth.apps.allow[0] is "li/ve", but must be an app: 1 to 128 of A-Z a-z 0-9 _ -.',
  },
  {
    auth: { signing: { secret: "short" } },
    problem: "code: auth.signing.secret is ***, but must be text of at least 16 characters.",
  },
  {
    auth: { signing: { for: ["watch"] } },
    problem: 'code: auth.signing.for[0] is "watch", but must be "publish" or "play".',
  },
  {
    auth: { jwt: { publicKey: "-----BEGIN PRIVATE KEY-----" } },
    problem: 'code: auth.jwt.publicKey is "-----BEGIN PRIVATE KEY-----", but must be a public key in PEM.',
  },
  {
    auth: { jwt: { jwksUrl: "ftp://example.com/keys" } },
    problem: 'code: auth.jwt.jwksUrl is "ftp://example.com/keys", but must begin with http:// or https://.',
  },
  {
    auth: { ask: { timeoutSeconds: 20 } },
    problem: "code: auth.ask.timeoutSeconds is 20, but must be a number from 0.1 to 9.",
  },
  {
    auth: { publish: { key: "x" } },
    problem: "code: auth.publish.key is not a setting; did you mean keys?",
  },
];

for (const { auth: settings, problem } of WRONG) {
  Deno.test(`settings: ${problem.slice(0, 100)}`, () => {
    const error = assertThrows(() => resolveConfig({ plugins: PLUGINS, code: { auth: settings } }), ConfigError);
    assertEquals(error.problems, [problem]);
  });
}

Deno.test("what is printed of the settings shows no key, password or secret, and everything else", () => {
  const resolved = resolveConfig({
    plugins: PLUGINS,
    code: {
      auth: {
        publish: { keys: { "live/*": "SESAME", "live/a": ["SESAME"] }, open: ["open/*"] },
        users: { ann: { password: "SESAME", play: ["ann/*"] } },
        signing: { secret: "SESAME and more of it", oldSecrets: ["SESAME and more of it"], for: ["play"] },
        jwt: { secret: "SESAME and more of it", jwksUrl: "https://login.example.com/keys", issuer: "login" },
        ask: { url: "https://user:SESAME@decide.example.com/?key=SESAME" },
      },
    },
  });
  const printed = printConfig(resolved) + explainConfig(resolved).join("\n");
  assertEquals(printed.includes("SESAME"), false);
  for (const shown of ["open/*", "ann/*", "login.example.com/keys", '"issuer": "login"', "decide.example.com"]) {
    assertEquals(printed.includes(shown), true, shown);
  }
});
