import { assert, assertEquals, assertMatch } from "@std/assert";
import { auth } from "../plugins/auth/plugin.ts";
import { loginDigestOf, parseLoginDigest } from "../plugins/auth/ways/login_digest.ts";
import { isSameScrypt, parseSecret, sha256 } from "../plugins/auth/secrets/stored_secret.ts";
import { signedQuery } from "../plugins/auth/ways/signed_address.ts";
import { keysCommand } from "./keys.ts";
import { main } from "./main.ts";
import { signCommand } from "./sign.ts";
import { FakeHost } from "./testing/fake_host.ts";

const SECRET = "a secret of many words";

async function run(args: string[], env: Record<string, string> = { SLUICE_AUTH_SIGNING_SECRET: SECRET }) {
  const host = new FakeHost({ args, env });
  const code = await main(
    { name: "sluice", version: "1", commands: [keysCommand, signCommand], plugins: [auth()] },
    host,
  );
  return { code, out: host.stdout.join("\n"), err: host.stderr.join("\n") };
}

/** The seconds since 1970 at which the commands' clock stands. */
const NOW = new FakeHost().clock.date().getTime() / 1000;

Deno.test("keys makes a long key and its hash", async () => {
  const { code, out } = await run(["keys"]);
  assertEquals(code, 0);
  const [, key, hash] = /^key {3}([\w-]{32})\nhash {2}(sha256:[\w-]{43})$/.exec(out) ?? [];
  assertEquals(parseSecret(hash), { kind: "digest", digest: sha256(key), isPlain: false });
  assert((await run(["keys"])).out !== out, "the same key was made twice");
});

Deno.test("keys makes a slow hash of a short key, with another salt each time", async () => {
  const hashes = [await run(["keys", "sesame"]), await run(["keys", "sesame"])].map(({ out }) => out);
  assert(hashes[0] !== hashes[1], "both have the same salt");
  for (const hash of hashes) {
    const stored = parseSecret(hash);
    assert(stored.kind === "scrypt");
    assertEquals([await isSameScrypt("sesame", stored), await isSameScrypt("sesamf", stored)], [true, false]);
  }
});

Deno.test("keys makes what RTMP's login needs beside the hash", async () => {
  const { out } = await run(["keys", "--rtmp", "ann", "sesame"]);
  const [hash, login] = out.split("\n");
  assertEquals(parseSecret(hash).kind, "scrypt");
  assertEquals(parseLoginDigest(login), loginDigestOf("ann", "sesame", parseLoginDigest(login).salt));
  assertMatch((await run(["keys", "--rtmp", "ann"])).out, /^key .+\nhash .+\nrtmp {2}md5:.+$/);
  assertEquals((await run(["keys", "--rtmp"])).code, 2);
});

const DAY = 86_400;

const SIGNED = [
  { args: [], expires: NOW + 7200 },
  { args: ["--expires", "90s"], expires: NOW + 90 },
  { args: ["--expires", "30m"], expires: NOW + 1800 },
  { args: ["--expires=7d"], expires: NOW + 7 * DAY },
  { args: ["--ip", "192.0.2.0/24"], expires: NOW + 7200, ip: "192.0.2.0/24" },
];

for (const { args, expires, ip } of SIGNED) {
  for (const action of ["publish", "play"] as const) {
    Deno.test(`sign live/cam --action ${action} ${args.join(" ")}`, async () => {
      const { code, out, err } = await run(["sign", "live/cam", "--action", action, ...args]);
      const query = signedQuery(SECRET, { action, stream: "live/cam", expires, ip });
      assertEquals([code, out, err], [0, `live/cam?${query}`, ""]);
    });
  }
}

Deno.test("sign for a virtual host names it in the address", async () => {
  const { out } = await run(["sign", "live/cam", "--action", "play", "--vhost", "example.org"]);
  const query = signedQuery(SECRET, { action: "play", stream: "example.org:live/cam", expires: NOW + 7200 });
  assertEquals(out, `live/cam?vhost=example.org&${query}`);
});

Deno.test("sign says so when nobody looks at what it makes", async () => {
  const { code, err } = await run(["sign", "live/cam", "--action", "play", "--auth-signing-for", "publish"]);
  assertEquals([code, err], [0, "The server does not look at signatures to play: auth.signing.for leaves that out."]);
});

const REFUSED: { args: string[]; env?: Record<string, string>; err: string }[] = [
  { args: ["keys", ""], err: "The key is empty: give one, or none to have one made." },
  { args: ["keys", "a", "b"], err: '"b" is one argument too many: keys takes [KEY].' },
  { args: ["keys", "--ip", "::1"], err: "--ip is not a known flag." },
  { args: ["sign"], err: "sign needs the path of a stream: APP/STREAM." },
  {
    args: ["sign", "live", "--action", "play"],
    err: '"live" is not a stream\'s path: expected APP/STREAM, as in "live/cam".',
  },
  {
    args: ["sign", "live/c.m", "--action", "play"],
    err: 'The stream name "c.m" contains ".": allowed are 1 to 128 of A-Z a-z 0-9 _ -.',
  },
  { args: ["sign", "live/cam"], err: '--action is missing; it must be "publish" or "play".' },
  { args: ["sign", "live/cam", "--action"], err: '--action is missing; it must be "publish" or "play".' },
  { args: ["sign", "live/cam", "--action", "watch"], err: '--action is "watch", but must be "publish" or "play".' },
  ...["2", "2 h", "-2h", "2w", "0s", "99999d", "1.5h"].map((time) => ({
    args: ["sign", "live/cam", "--action", "play", `--expires=${time}`],
    err: `--expires is "${time}", but must be a time such as 90s, 30m, 2h or 7d.`,
  })),
  {
    args: ["sign", "live/cam", "--action", "play", "--ip", "300.0.0.1"],
    err: '--ip is "300.0.0.1", but must be an address or a network such as 192.0.2.0/24.',
  },
  {
    args: ["sign", "live/cam", "--action", "play", "--vhost", "a b"],
    err: 'The vhost "a b" is not a host\'s name.',
  },
  {
    args: ["sign", "live/cam", "--action", "play", "--vhost"],
    err: "--vhost needs a value: the name of a virtual host.",
  },
  {
    args: ["sign", "live/cam", "--action", "play"],
    env: {},
    err: "There is no secret to sign with: set auth.signing.secret, or SLUICE_AUTH_SIGNING_SECRET.",
  },
  {
    args: ["sign", "live/cam", "--action", "play"],
    env: { SLUICE_AUTH_SIGNING_SECRET: "short" },
    err: "SLUICE_AUTH_SIGNING_SECRET is ***, but must be text of at least 16 characters.",
  },
];

for (const { args, env, err } of REFUSED) {
  Deno.test(`"${args.join(" ")}" is refused: ${err}`, async () => {
    assertEquals(await run(args, env), { code: 2, out: "", err });
  });
}

Deno.test("the help of both commands says what they take", async () => {
  assertMatch(
    (await run(["sign", "--help"])).out,
    /sluice sign.*APP\/STREAM[\s\S]*--action[\s\S]*--expires[\s\S]*--ip/,
  );
  assertMatch((await run(["keys", "--help"])).out, /sluice keys.*\[KEY\]/);
});
