import { SignJWT } from "jose";
import { systemClock } from "../../kernel/clock.ts";
import type { StreamRequest } from "../../kernel/plugin/hooks.ts";
import { repeated } from "../../kernel/log/repeated.ts";
import { silentLogger } from "../../kernel/log/log.ts";
import { streamId, streamKey } from "../../kernel/names.ts";
import { OpenSession } from "../../kernel/sessions/session.ts";
import { streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { Authorizer } from "../../plugins/auth/authorizer.ts";
import { FailureTable } from "../../plugins/auth/failures.ts";
import { originGate } from "../../plugins/auth/gates/gates.ts";
import { SecretCheck } from "../../plugins/auth/secrets/secret_check.ts";
import { SignedAddresses, signedQuery } from "../../plugins/auth/ways/signed_address.ts";
import { hashSecret } from "../../plugins/auth/secrets/stored_secret.ts";
import { StreamKeys } from "../../plugins/auth/ways/stream_keys.ts";
import { Tokens } from "../../plugins/auth/ways/tokens.ts";
import { Users } from "../../plugins/auth/ways/users.ts";
import type { Way } from "../../plugins/auth/ways/way.ts";

const KEY = "a key that is long and made at random";
const SECRET = "a secret that is long and made at random";
const HOUR_MS = 3_600_000;
const check = new SecretCheck(systemClock);
const networks = Array.from({ length: 10_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);

const expires = Math.floor((Date.now() + HOUR_MS) / 1000);
const signed = signedQuery(SECRET, { action: "play", stream: "live/cam", expires });
const token = await new SignJWT({ action: "play", path: "live/*" }).setProtectedHeader({ alg: "HS256" })
  .setExpirationTime("1h").sign(new TextEncoder().encode(SECRET));
const users = { ann: { password: await hashSecret("sesame"), publish: [], play: ["live/*"] } };

const failures = new FailureTable({ failures: 20, withinSeconds: 600, banSeconds: 600, exempt: [] }, systemClock);
for (let at = 0; at < 1000; at++) failures.count(`192.0.${at >> 8}.${at & 255}`);

const CASES: { name: string; ways: Way[]; query: string; denyIps?: string[] }[] = [
  { name: "nothing is set", ways: [], query: "" },
  { name: "10,000 networks are denied", ways: [], query: "", denyIps: networks },
  { name: "one key", ways: [new StreamKeys({ "live/*": await hashSecret(KEY) }, check)], query: `key=${KEY}` },
  {
    name: "the last of 100 keys",
    ways: [new StreamKeys({ "live/*": [...Array.from({ length: 99 }, (_, at) => `${KEY}${at}`), KEY] }, check)],
    query: `key=${KEY}`,
  },
  { name: "a signed address (HMAC)", ways: [new SignedAddresses([SECRET], systemClock)], query: String(signed) },
  {
    name: "a token (HS256) that was verified before",
    ways: [new Tokens({ secret: SECRET, claim: "permissions" }, systemClock)],
    query: `token=${token}`,
  },
  {
    name: "a user with scrypt that was checked before",
    ways: [new Users(users, check)],
    query: "user=ann&pass=sesame",
  },
];

for (const { name, ways, query, denyIps = [] } of CASES) {
  const rules = {
    gates: [originGate("play", { allowIps: [], denyIps, referers: [] })],
    ways,
    isOpen: streamMatcher([]),
  };
  const authorizer = new Authorizer({ publish: rules, play: rules }, {
    clock: systemClock,
    log: repeated(silentLogger, 1000, systemClock),
    failures,
    signal: new AbortController().signal,
  });
  await decide(authorizer, query);
  Deno.bench(`auth: ${name}`, { group: "auth" }, async () => void await decide(authorizer, query));
}

for (const alg of ["HS256", "ES256", "RS256"] as const) {
  const keys = alg === "HS256" ? undefined : await crypto.subtle.generateKey(
    alg === "ES256"
      ? { name: "ECDSA", namedCurve: "P-256" }
      : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const claims = new SignJWT({ action: "play", path: "live/*" }).setProtectedHeader({ alg });
  const text = await claims.sign(keys?.privateKey ?? new TextEncoder().encode(SECRET));
  const pem = keys && toPem(await crypto.subtle.exportKey("spki", keys.publicKey));
  const settings = { claim: "permissions", ...(pem ? { publicKey: pem } : { secret: SECRET }) };
  Deno.bench(`auth: a token (${alg}) that is new`, { group: "auth" }, async () => {
    const { session, key, stream } = request(`token=${text}`);
    const tokens = new Tokens(settings, systemClock);
    const credentials = { keys: [text], token: text };
    const { says } = await tokens.check({ action: "play", session, key, stream, ip: undefined, credentials });
    if (says !== "yes") throw new Error(`the token did not let in: ${says}`);
  });
}

function toPem(spki: ArrayBuffer): string {
  return `-----BEGIN PUBLIC KEY-----\n${btoa(String.fromCharCode(...new Uint8Array(spki)))}\n-----END PUBLIC KEY-----`;
}

function request(query: string): StreamRequest {
  const params = new URLSearchParams(query);
  const session = new OpenSession(
    { protocol: "http-flv", remote: "198.51.100.7:5000", params },
    silentLogger,
    systemClock,
  );
  const key = streamKey("live", "cam", params);
  return { session, key, stream: streamId(key.vhost, key.app, key.name) };
}

async function decide(authorizer: Authorizer, query: string): Promise<void> {
  const verdict = await authorizer.decide("play", request(query));
  if (verdict && "deny" in verdict) throw new Error(verdict.deny);
}
