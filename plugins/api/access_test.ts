import { assert, assertEquals } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { ManageRole } from "../../kernel/plugin/guard.ts";
import { Access, type Asker, askerOf } from "./access.ts";

const TOKENS = { write: "write-write-write", read: "read-read-read-read" };
const HOME: Asker = { address: "127.0.0.1", host: "localhost:8501", isForwarded: false };
const AWAY: Asker = { address: "203.0.113.7", host: "tv.example", isForwarded: false };

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

interface Case {
  readonly name: string;
  readonly asker: Asker;
  readonly settings?: { local?: boolean; openRead?: boolean };
  /** The status for looking and for changing; 200 for yes. */
  readonly read: number;
  readonly write: number;
}

const CASES: readonly Case[] = [
  { name: "a request in memory may all", asker: { isForwarded: false }, read: 200, write: 200 },
  { name: "who is on the machine may all", asker: HOME, read: 200, write: 200 },
  { name: "so by IPv6", asker: { ...HOME, address: "::1", host: "[::1]:8501" }, read: 200, write: 200 },
  { name: "so by IPv4 in IPv6", asker: { ...HOME, address: "::ffff:127.0.0.1" }, read: 200, write: 200 },
  { name: "not where the settings say no", asker: HOME, settings: { local: false }, read: 401, write: 401 },
  { name: "not through a proxy", asker: { ...HOME, isForwarded: true }, read: 401, write: 401 },
  { name: "not under another name", asker: { ...HOME, host: "evil.example:8501" }, read: 403, write: 403 },
  {
    name: "not under a name that begins alike",
    asker: { ...HOME, host: "localhost.evil.example" },
    read: 403,
    write: 403,
  },
  { name: "not without a name", asker: { ...HOME, host: undefined }, read: 403, write: 403 },
  { name: "not from another site's page", asker: { ...HOME, origin: "https://evil.example" }, read: 403, write: 403 },
  { name: "not from a page without origin", asker: { ...HOME, origin: "null" }, read: 403, write: 403 },
  { name: "not from another port's page", asker: { ...HOME, origin: "http://localhost:3000" }, read: 403, write: 403 },
  { name: "from our own page", asker: { ...HOME, origin: "http://localhost:8501" }, read: 200, write: 200 },
  {
    name: "not from what a page loads across sites",
    asker: { ...HOME, fetchSite: "cross-site" },
    read: 403,
    write: 403,
  },
  { name: "not across ports either", asker: { ...HOME, fetchSite: "same-site" }, read: 403, write: 403 },
  { name: "from the address bar", asker: { ...HOME, fetchSite: "none" }, read: 200, write: 200 },
  { name: "who comes from elsewhere needs a token", asker: AWAY, read: 401, write: 401 },
  { name: "one token opens all", asker: { ...AWAY, ...bearer(TOKENS.write) }, read: 200, write: 200 },
  { name: "the other one opens looking", asker: { ...AWAY, ...bearer(TOKENS.read) }, read: 200, write: 403 },
  { name: "a wrong one opens nothing", asker: { ...AWAY, ...bearer("x".repeat(17)) }, read: 401, write: 401 },
  { name: "not even on the machine", asker: { ...HOME, ...bearer("x".repeat(17)) }, read: 401, write: 401 },
  {
    name: "nor does a token in another scheme",
    asker: { ...AWAY, authorization: `Basic ${TOKENS.write}` },
    read: 401,
    write: 401,
  },
  {
    name: "a token counts from another site's page",
    asker: { ...AWAY, origin: "https://a.example", ...bearer(TOKENS.write) },
    read: 200,
    write: 200,
  },
  {
    name: "everybody may look where the settings say so",
    asker: AWAY,
    settings: { openRead: true },
    read: 200,
    write: 403,
  },
  {
    name: "even other sites' pages",
    asker: { ...HOME, origin: "https://a.example" },
    settings: { openRead: true },
    read: 200,
    write: 403,
  },
];

function open(settings: Case["settings"] = {}, clock = new FakeClock()): Access {
  return new Access({ local: true, openRead: false, ...settings }, TOKENS, clock);
}

for (const { name, asker, settings, read, write } of CASES) {
  Deno.test(`API access: ${name}`, () => {
    const status = (role: ManageRole) => open(settings).refuse(asker, role)?.status ?? 200;
    assertEquals([status("read"), status("write")], [read, write]);
  });
}

Deno.test("an address has so many requests in a go, and then so many a second; others are not touched", () => {
  const clock = new FakeClock();
  const access = open({}, clock);
  const ask = (address: string) => access.refuse({ ...AWAY, ...bearer(TOKENS.read), address }, "read")?.status ?? 200;
  for (let i = 0; i < 100; i++) assertEquals(ask("203.0.113.7"), 200);
  assertEquals([ask("203.0.113.7"), ask("203.0.113.8")], [429, 200]);
  clock.advance(1000);
  for (let i = 0; i < 20; i++) assertEquals(ask("203.0.113.7"), 200);
  assertEquals(ask("203.0.113.7"), 429);
});

Deno.test("who guesses tokens is soon heard no more", () => {
  const access = open();
  const guesses = Array.from(
    { length: 20 },
    (_, i) => access.refuse({ ...AWAY, ...bearer(`guess-number-${i}`) }, "read"),
  );
  const first = guesses.findIndex((guess) => guess?.status === 429);
  assert(first > 0 && first <= 6, `${first} guesses were heard`);
});

Deno.test("the machine itself is not counted, so that no dashboard there runs dry", () => {
  const access = open();
  for (let i = 0; i < 1000; i++) assertEquals(access.refuse(HOME, "write"), undefined);
  for (let i = 0; i < 1000; i++) assertEquals(access.refuse({ isForwarded: false }, "write"), undefined);
});

Deno.test("who is on the machine and needs a token is asked for one in words", () => {
  assertEquals(open({ local: false }).refuse(HOME, "read")?.why, "This needs a token: Authorization: Bearer TOKEN");
});

for (const name of ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "cf-connecting-ip"]) {
  Deno.test(`a request with the header ${name} has come through a proxy`, () => {
    const given: Readonly<Record<string, string>> = { host: "localhost", [name]: "https" };
    const asker = askerOf({ role: "read", address: "127.0.0.1", header: (wanted) => given[wanted] });
    assertEquals(open().refuse(asker, "read")?.status, 401);
  });
}
