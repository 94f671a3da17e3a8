import { assertEquals, assertRejects } from "@std/assert";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { Refusal } from "../../../kernel/reasons.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { settled } from "../../../kernel/testing/settled.ts";
import { COOLDOWN_MS, FRESH_MS, RemoteKeys, TIMEOUT_MS, TRUSTED_MS } from "./remote_keys.ts";
import { applicantOf, type Asker } from "../testing.ts";
import { isPublicKey, KEY_ALGORITHMS, SECRET_ALGORITHMS, type TokenSettings } from "./token_settings.ts";
import { Tokens } from "./tokens.ts";

const SECRET = "a secret that is known to those who make tokens, and long enough for the longest hash";
const NOW = new FakeClock().date().getTime() / 1000;
const CLAIMS: JWTPayload = { sub: "ann", exp: NOW + 60, action: "publish", path: "live/*" };

type SigningKey = Parameters<SignJWT["sign"]>[0];

function signed(
  claims: JWTPayload,
  key: SigningKey = bytes(SECRET),
  header: { alg: string; kid?: string } = { alg: "HS256" },
) {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function answer(
  token: string,
  settings: Partial<TokenSettings> = { secret: SECRET },
  asker: Asker = {},
  clock = new FakeClock(),
) {
  const tokens = new Tokens({ claim: "permissions", ...settings }, clock);
  return await tokens.check(applicantOf({ query: `token=${token}`, ...asker }));
}

for (const alg of SECRET_ALGORITHMS) {
  Deno.test(`a token by ${alg} lets in`, async () => {
    const token = await signed(CLAIMS, bytes(SECRET), { alg });
    assertEquals(await answer(token), { says: "yes", credential: "subject ann" });
    assertEquals((await answer(token, { secret: `${SECRET}!` })).says, "wrong");
  });
}

for (const alg of KEY_ALGORITHMS) {
  Deno.test(`a token by ${alg} lets in`, async () => {
    const [mine, other] = [await generateKeyPair(alg), await generateKeyPair(alg)];
    const token = await signed(CLAIMS, mine.privateKey, { alg });
    const publicKey = await exportSPKI(mine.publicKey);
    assertEquals(isPublicKey(publicKey), true);
    assertEquals(await answer(token, { publicKey }), { says: "yes", credential: "subject ann" });
    assertEquals((await answer(token, { publicKey: await exportSPKI(other.publicKey) })).says, "wrong");
  });
}

Deno.test("a public key is no secret: a token that was signed with its text does not count", async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const pem = await exportSPKI(publicKey);
  const forged = await signed(CLAIMS, bytes(pem));
  assertEquals((await answer(forged, { publicKey: pem })).says, "wrong");
  assertEquals((await answer(forged, { publicKey: pem, secret: SECRET })).says, "wrong");
  assertEquals((await answer(await signed(CLAIMS, privateKey, { alg: "RS256" }), { secret: SECRET })).says, "wrong");
});

Deno.test("a token without a signature does not count", async () => {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  for (const alg of ["none", "None", "NONE", ""]) {
    assertEquals((await answer(`${part({ alg })}.${part(CLAIMS)}.`)).says, "wrong");
  }
});

Deno.test("only the algorithms that are set count", async () => {
  const token = await signed(CLAIMS);
  assertEquals((await answer(token, { secret: SECRET, algorithms: ["HS256"] })).says, "yes");
  assertEquals((await answer(token, { secret: SECRET, algorithms: ["HS512"] })).says, "wrong");
  assertEquals((await answer(token, { secret: SECRET, algorithms: ["RS256"] })).says, "wrong");
});

Deno.test("a token that was changed at any byte does not count", async () => {
  const token = await signed(CLAIMS);
  for (let at = 0; at < token.length; at++) {
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    const { says } = await answer(changed);
    // The last character of a signature has two bits that mean nothing (RFC 4648, section 3.5).
    if (at < token.length - 1) assertEquals(says === "yes", false, `byte ${at}`);
  }
});

const CLAIM_CASES: {
  name: string;
  claims: JWTPayload;
  settings?: Partial<TokenSettings>;
  asker?: Asker;
  says: string;
}[] = [
  { name: "no expiry", claims: { ...CLAIMS, exp: undefined }, says: "yes" },
  { name: "expired a moment ago, as clocks differ", claims: { ...CLAIMS, exp: NOW - 4 }, says: "yes" },
  { name: "expired", claims: { ...CLAIMS, exp: NOW - 6 }, says: "stale" },
  { name: "not yet", claims: { ...CLAIMS, nbf: NOW + 60 }, says: "stale" },
  { name: "another action", claims: { ...CLAIMS, action: "play" }, says: "no" },
  { name: "another path", claims: { ...CLAIMS, path: "other/*" }, says: "no" },
  { name: "no action", claims: { ...CLAIMS, action: undefined }, says: "no" },
  { name: "no path", claims: { ...CLAIMS, path: undefined }, says: "no" },
  {
    name: "lists at the top",
    claims: { ...CLAIMS, action: ["play", "publish"], path: ["a/b", "live/cam"] },
    says: "yes",
  },
  { name: "every stream", claims: { ...CLAIMS, path: "*" }, says: "yes" },
  { name: "excluded", claims: { ...CLAIMS, path: ["*", "!live/cam"] }, says: "no" },
  { name: "a mistyped exclusion", claims: { ...CLAIMS, path: ["*", "!live/c m"] }, says: "no" },
  { name: "no text as path", claims: { ...CLAIMS, path: 7 }, says: "no" },
  {
    name: "a list of permissions",
    claims: { exp: NOW + 60, permissions: [{ action: "play", path: "*" }, { action: "publish", path: "live/cam" }] },
    says: "yes",
  },
  {
    name: "permissions that do not fit together",
    claims: { permissions: [{ action: "play", path: "live/cam" }, { action: "publish", path: "a/b" }] },
    says: "no",
  },
  { name: "permissions that are none", claims: { permissions: ["publish", null, 7, { path: "*" }] }, says: "no" },
  {
    name: "permissions under another claim",
    claims: { rights: { action: "publish", path: "*" } },
    settings: { secret: SECRET, claim: "rights" },
    says: "yes",
  },
  { name: "the issuer", claims: { ...CLAIMS, iss: "me" }, settings: { secret: SECRET, issuer: "me" }, says: "yes" },
  {
    name: "another issuer",
    claims: { ...CLAIMS, iss: "you" },
    settings: { secret: SECRET, issuer: "me" },
    says: "stale",
  },
  { name: "no issuer", claims: CLAIMS, settings: { secret: SECRET, issuer: "me" }, says: "stale" },
  {
    name: "the audience",
    claims: { ...CLAIMS, aud: ["x", "tv"] },
    settings: { secret: SECRET, audience: "tv" },
    says: "yes",
  },
  { name: "no audience", claims: CLAIMS, settings: { secret: SECRET, audience: "tv" }, says: "stale" },
];

for (const { name, claims, settings, asker, says } of CLAIM_CASES) {
  Deno.test(`a token with ${name}: ${says}`, async () => {
    assertEquals((await answer(await signed(claims), settings, asker)).says, says);
  });
}

const token = await signed(CLAIMS);
const PLACES: { name: string; asker: Asker; says: string }[] = [
  { name: "?jwt=", asker: { query: `jwt=${token}` }, says: "yes" },
  { name: "?key=", asker: { query: `key=${token}` }, says: "yes" },
  { name: "a password", asker: { query: `user=any&pass=${token}` }, says: "yes" },
  { name: "Authorization", asker: { query: undefined, authorization: `Bearer ${token}` }, says: "yes" },
  { name: "nowhere", asker: { query: undefined }, says: "absent" },
  { name: "?token=, and is a key", asker: { query: "token=sesame" }, says: "absent" },
  { name: "?token=, and has dots", asker: { query: "token=a.b.c" }, says: "wrong" },
];

for (const { name, asker, says } of PLACES) {
  Deno.test(`a token that comes in ${name}: ${says}`, async () => {
    assertEquals((await answer("", { secret: SECRET }, asker)).says, says);
  });
}

Deno.test("a token that was verified expires all the same, and lets in nowhere else", async () => {
  const clock = new FakeClock();
  const tokens = new Tokens({ secret: SECRET, claim: "permissions" }, clock);
  const query = `token=${token}`;
  assertEquals((await tokens.check(applicantOf({ query }))).says, "yes");
  assertEquals((await tokens.check(applicantOf({ query, action: "play" }))).says, "no");
  assertEquals((await tokens.check(applicantOf({ query, path: "other/cam" }))).says, "no");
  clock.advance(65_000);
  assertEquals((await tokens.check(applicantOf({ query }))).says, "stale");
});

/** A server of keys on a free port that can be made to rotate, hang, fail and die. */
class KeyServer implements AsyncDisposable {
  asked = 0;
  answer: () => Response | Promise<Response> = () => Response.json({ keys: this.keys });
  keys: object[] = [];
  readonly clock = new FakeClock();
  readonly warned: string[] = [];
  readonly #controller = new AbortController();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    this.asked++;
    return this.answer();
  });

  tokens = new Tokens(
    { claim: "permissions" },
    this.clock,
    new RemoteKeys(`http://127.0.0.1:${this.#server.addr.port}/keys`, {
      clock: this.clock,
      fetch,
      signal: this.#controller.signal,
      warn: (message) => void this.warned.push(message),
    }),
  );

  /** Puts a new pair's public key in the place of all others and gives what signs with the private one. */
  async rotate(alg: string, kid: string): Promise<() => Promise<string>> {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    this.keys = [{ ...await exportJWK(publicKey), kid, alg, use: "sig" }];
    return () => signed({ ...CLAIMS, exp: undefined, jti: crypto.randomUUID() }, privateKey, { alg, kid });
  }

  async says(token: string): Promise<string> {
    return (await this.tokens.check(applicantOf({ query: `token=${token}` }))).says;
  }

  async die(): Promise<void> {
    await this.#server.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.#server.shutdown();
  }
}

for (const alg of ["RS256", "PS512", "ES256", "EdDSA"]) {
  Deno.test(`a token by ${alg} is checked with keys that are fetched`, async () => {
    await using server = new KeyServer();
    const sign = await server.rotate(alg, "one");
    assertEquals(await server.says(await sign()), "yes");
  });
}

Deno.test("keys are fetched once for all who come, and again only after a while", async () => {
  await using server = new KeyServer();
  const sign = await server.rotate("ES256", "one");
  const tokens = await Promise.all(Array.from({ length: 20 }, sign));
  assertEquals(await Promise.all(tokens.map((each) => server.says(each))), Array(20).fill("yes"));
  assertEquals(server.asked, 1);
  server.clock.advance(FRESH_MS + 1);
  assertEquals(await server.says(await sign()), "yes");
  await server.says(await sign());
  while (server.asked < 2) await settled();
  assertEquals(server.asked, 2);
});

Deno.test("a key that is new is asked for at once, a made-up one not again and again", async () => {
  await using server = new KeyServer();
  const old = await server.rotate("ES256", "one");
  assertEquals(await server.says(await old()), "yes");
  server.clock.advance(COOLDOWN_MS);
  const young = await server.rotate("ES256", "two");
  assertEquals([await server.says(await young()), server.asked], ["yes", 2]);
  assertEquals([await server.says(await signedElsewhere()), server.asked], ["wrong", 2]);
  server.clock.advance(COOLDOWN_MS);
  assertEquals([await server.says(await signedElsewhere()), server.asked], ["wrong", 3]);
});

async function signedElsewhere(): Promise<string> {
  return await signed(CLAIMS, (await generateKeyPair("ES256")).privateKey, { alg: "ES256", kid: crypto.randomUUID() });
}

Deno.test("while the server of keys is slow or dead, the keys that are known count, for a day", async () => {
  await using server = new KeyServer();
  const sign = await server.rotate("ES256", "one");
  assertEquals(await server.says(await sign()), "yes");
  await server.die();
  server.clock.advance(FRESH_MS + 1);
  assertEquals(await server.says(await sign()), "yes");
  while (server.warned.length === 0) await settled();
  assertEquals(server.warned[0].startsWith("The keys of tokens could not be asked for again: "), true);
  server.clock.advance(TRUSTED_MS - FRESH_MS - 1);
  assertEquals(await server.says(await sign()), "yes");
  server.clock.advance(1);
  const { code, message } = await assertRejects(async () => await server.says(await sign()), Refusal);
  assertEquals([code, message], ["error", "The keys of tokens cannot be had: try again"]);
});

Deno.test("a server of keys that does not answer is given up, and refuses for the time being", async () => {
  await using server = new KeyServer();
  const sign = await server.rotate("ES256", "one");
  const held = Promise.withResolvers<Response>();
  server.answer = () => held.promise;
  const refused = assertRejects(async () => await server.says(await sign()), Refusal);
  while (server.asked === 0) await settled();
  server.clock.advance(TIMEOUT_MS);
  assertEquals((await refused).code, "error");
  assertEquals(server.warned, ["The keys of tokens cannot be had: no answer within 5 s"]);
  held.resolve(new Response());
  server.answer = () => Response.json({ keys: server.keys });
  await assertRejects(async () => await server.says(await sign()), Refusal);
  server.clock.advance(COOLDOWN_MS);
  assertEquals(await server.says(await sign()), "yes");
});

const BAD_ANSWERS: { name: string; answer: () => Response }[] = [
  { name: "an error", answer: () => new Response("{}", { status: 500 }) },
  { name: "a page", answer: () => new Response("<html>") },
  { name: "no set of keys", answer: () => Response.json({ key: 1 }) },
  { name: "a redirection", answer: () => Response.redirect("http://127.0.0.1:1/", 302) },
  { name: "a megabyte", answer: () => new Response("x".repeat(1_000_000)) },
];

for (const { name, answer } of BAD_ANSWERS) {
  Deno.test(`a server of keys that answers with ${name} refuses for the time being`, async () => {
    await using server = new KeyServer();
    const sign = await server.rotate("ES256", "one");
    server.answer = answer;
    await assertRejects(async () => await server.says(await sign()), Refusal, "cannot be had");
    assertEquals(server.warned.length, 1);
  });
}
