import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { RtmpClientError, RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { patiently } from "../support/patience.ts";
import type { BannerPorts } from "../support/program.ts";
import type { Clone } from "./clone.ts";
import { type CommandCheck, finishing, published, run, serving } from "./running.ts";

/** Keys of which the page shows the hashes. */
const PUBLISH_KEY = "vMrLirw3vNyUte-5DhC9UxRD3iDXoK40";
const PLAY_KEY = "0rYxwsiI-0hqbxhlPkwYM_aEv19gjfrv";

/** A player that is let in is told at once that nobody publishes. */
const NOT_WAITING = { "deno task start": "SLUICE_WAIT_SECONDS=0 deno task start" };

const SIGNED = /^live\/cam\?expires=\d{10}(&ip=[\w.%]+)?&signature=[\w-]{43}\n$/;

/** The command lines of docs/auth.md, and how each is checked. */
export const AUTH_COMMANDS: Readonly<Record<string, CommandCheck>> = {
  "deno task keys": finishing(({ out }) => assertMatch(out, /^key {3}[\w-]{32}\nhash {2}sha256:[\w-]{43}\n$/)),
  "deno task keys sesame": finishing(({ out }) => assertMatch(out, /^scrypt:15:8:1:[\w-]{22}:[\w-]{43}\n$/)),
  "deno task start --config keys.jsonc": serving(keysHold, NOT_WAITING),
  "deno task start --auth-publish-keys live/cam=sesame": serving(async ({ http }) => {
    assertEquals(await published(http, "live/cam"), [401, "Cannot publish live/cam: it needs a key"]);
    assertEquals(await published(http, "live/cam?key=sesame"), [200, undefined]);
  }),
  "deno task start --config users.jsonc": serving(usersHold, NOT_WAITING),
  "deno task keys --rtmp ann sesame": finishing(({ out }) =>
    assertMatch(out, /^scrypt:15:8:1:[\w-]{22}:[\w-]{43}\nmd5:[\w-]{12}:[\w+/]{22}==\n$/)
  ),
  "deno task start --config login.jsonc": serving(async ({ rtmp }) => {
    await using _ = await RtmpPublishClient.connect(`rtmp://ann:sesame@localhost:${rtmp}/live/cam`);
    const wrong = RtmpPublishClient.connect(`rtmp://ann:wrong@localhost:${rtmp}/live/cam`);
    await assertRejects(() => wrong, RtmpClientError, "the user or the password is wrong");
  }),
  "SLUICE_AUTH_SIGNING_SECRET=a-secret-of-many-words deno task sign live/cam --action publish --expires 2h": finishing(
    ({ out }) => assertMatch(out, SIGNED),
  ),
  "SLUICE_AUTH_SIGNING_SECRET=a-secret-of-many-words deno task sign live/cam --action play --expires 30m --ip 192.0.2.0/24":
    finishing(({ out }) => assertMatch(out, SIGNED)),
  "SLUICE_AUTH_SIGNING_SECRET=a-secret-of-many-words deno task start": serving(async ({ http }, { folder }) => {
    const sign = "SLUICE_AUTH_SIGNING_SECRET=a-secret-of-many-words deno task sign live/cam --action publish";
    await using program = run(sign, folder);
    const { out } = await program.over();
    assertEquals((await published(http, "live/cam"))[0], 401);
    assertEquals(await published(http, out.trim()), [200, undefined]);
  }),
  "deno task start --auth-jwt-jwks-url http://localhost:9000/keys.json --auth-jwt-for publish": keysAreFetched,
  "deno task start --auth-publish-allow-ips 127.0.0.0/8,::1 --auth-play-referers example.com,none --auth-apps-allow live":
    serving(placesHold, NOT_WAITING),
  "deno task start --auth-ask-url http://localhost:9000/auth": programIsAsked,
};

/** What a player is told. */
async function played(port: number, target: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`http://localhost:${port}/${target}`, { headers });
  await response.body?.cancel();
  return response.status;
}

async function keysHold({ http }: BannerPorts): Promise<void> {
  assertEquals((await published(http, "live/cam"))[0], 401);
  assertEquals((await published(http, `live/cam?key=${PUBLISH_KEY}`))[0], 200);
  assertEquals((await published(http, "live/studio?key=sesame"))[0], 200);
  assertEquals((await published(http, "live/studio?key=a+key+as+it+is"))[0], 200);
  assertEquals((await published(http, "live/cam?key=a+key+as+it+is"))[0], 401);
  assertEquals(await played(http, "live/none.flv"), 401);
  assertEquals(await played(http, `live/none.flv?key=${PLAY_KEY}`), 404);
  assertEquals(await played(http, "live/trailer.flv"), 404);
}

async function usersHold({ http }: BannerPorts): Promise<void> {
  const header = { Authorization: `Basic ${btoa("tv:watching")}` };
  assertEquals((await published(http, "live/cam?user=ann&pass=sesame"))[0], 200);
  assertEquals((await published(http, "live/cam?user=tv&pass=watching"))[0], 403);
  assertEquals((await published(http, "live/cam?user=ann&pass=wrong"))[0], 401);
  assertEquals(await played(http, "live/none.flv", header), 404);
  assertEquals(await played(http, "live/private1.flv", header), 403);
}

async function placesHold({ http }: BannerPorts): Promise<void> {
  assertEquals((await published(http, "live/cam"))[0], 200);
  assertEquals((await published(http, "other/cam"))[0], 403);
  assertEquals(await played(http, "live/none.flv"), 404);
  assertEquals(await played(http, "live/none.flv", { Origin: "https://example.com" }), 404);
  assertEquals(await played(http, "live/none.flv", { Origin: "https://badexample.com" }), 403);
}

/** Runs a command with a program of the test's in the place of the one that it names, and waits until that is asked. */
export async function withProgram(
  answer: (request: Request) => Promise<Response>,
  line: string,
  clone: Clone,
  check: (ports: BannerPorts) => Promise<void>,
): Promise<void> {
  const asked = Promise.withResolvers<void>();
  await using program = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.resolve();
    return await answer(request);
  });
  await serving(async (ports) => {
    await check(ports);
    await patiently(asked.promise, () => "nobody was asked");
  })(line.replace("localhost:9000", `127.0.0.1:${program.addr.port}`), clone);
}

async function keysAreFetched(line: string, clone: Clone): Promise<void> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const key = await crypto.subtle.exportKey("jwk", publicKey);
  const part = (bytes: Uint8Array) =>
    btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const text = (value: unknown) => part(new TextEncoder().encode(JSON.stringify(value)));
  const signed = `${text({ alg: "ES256", kid: "one" })}.${text({ action: "publish", path: "live/*" })}`;
  const signing = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(signing, privateKey, new TextEncoder().encode(signed));
  const keys = () => Promise.resolve(Response.json({ keys: [{ ...key, kid: "one", alg: "ES256" }] }));
  await withProgram(keys, line, clone, async ({ http }) => {
    assertEquals((await published(http, "live/cam"))[0], 401);
    assertEquals((await published(http, `live/cam?token=${signed}.${part(new Uint8Array(signature))}`))[0], 200);
  });
}

async function programIsAsked(line: string, clone: Clone): Promise<void> {
  const answer = async (request: Request) => {
    const { user, password } = await request.json();
    return new Response(null, { status: user === "ann" && password === "sesame" ? 204 : 401 });
  };
  await withProgram(answer, line, clone, async ({ http }) => {
    assertEquals((await published(http, "live/cam"))[0], 401);
    assertEquals((await published(http, "live/cam?user=ann&pass=sesame"))[0], 200);
  });
}
