import { assertEquals } from "@std/assert";
import { type Credentials, credentialsOf, MAX_CREDENTIAL_LENGTH } from "./credentials.ts";
import { type Asker, sessionOf } from "../testing.ts";

function basic(text: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;
}

const CASES: { name: string; asker: Asker; found: Credentials }[] = [
  { name: "nothing", asker: {}, found: { keys: [] } },
  { name: "an empty query", asker: { query: "" }, found: { keys: [] } },
  { name: "a query about other things", asker: { query: "audio=0" }, found: { keys: [] } },
  { name: "?key=", asker: { query: "key=sesame" }, found: { keys: ["sesame"] } },
  { name: "an empty ?key=", asker: { query: "key=" }, found: { keys: [] } },
  { name: "?token=", asker: { query: "token=abc" }, found: { keys: ["abc"], token: "abc" } },
  { name: "?jwt=", asker: { query: "jwt=abc" }, found: { keys: ["abc"], token: "abc" } },
  { name: "?user=&pass=", asker: { query: "user=ann&pass=x" }, found: { keys: ["x"], user: "ann", password: "x" } },
  {
    name: "?user=&password=",
    asker: { query: "user=ann&password=x" },
    found: { keys: ["x"], user: "ann", password: "x" },
  },
  {
    name: "a key and a user",
    asker: { query: "key=k&user=ann&pass=x" },
    found: { keys: ["k", "x"], user: "ann", password: "x" },
  },
  {
    name: "Basic",
    asker: { authorization: basic("ann:a:ü") },
    found: { keys: ["a:ü"], user: "ann", password: "a:ü" },
  },
  { name: "Basic without a colon", asker: { authorization: basic("ann") }, found: { keys: [] } },
  { name: "Basic that is no base64", asker: { authorization: "Basic ann:x" }, found: { keys: [] } },
  { name: "Bearer", asker: { authorization: "bearer  abc " }, found: { keys: ["abc"], token: "abc" } },
  { name: "Bearer with two words", asker: { authorization: "Bearer a b" }, found: { keys: [] } },
  { name: "Digest", asker: { authorization: 'Digest username="ann"' }, found: { keys: [] } },
  {
    name: "a header and a query, of which the query counts",
    asker: { authorization: basic("ann:x"), query: "user=bob&pass=y" },
    found: { keys: ["y"], user: "bob", password: "y" },
  },
  {
    name: "the user of an RTMP address",
    asker: { url: "rtmp://ann:p%40ss@host/live" },
    found: { keys: ["p@ss"], user: "ann", password: "p@ss" },
  },
  {
    name: "an RTMP address that cannot be unescaped",
    asker: { url: "rtmp://ann:%ff@host/live" },
    found: { keys: ["%ff"], user: "ann", password: "%ff" },
  },
  { name: "a path with an @", asker: { url: "/live/c@m" }, found: { keys: [] } },
  {
    name: "a signature",
    asker: { query: "signature=abc&expires=5&ip=::1" },
    found: { keys: [], signed: { signature: "abc", expires: "5", ip: "::1" } },
  },
  {
    name: "a signature alone",
    asker: { query: "signature=abc" },
    found: { keys: [], signed: { signature: "abc", expires: "", ip: "" } },
  },
];

for (const { name, asker, found } of CASES) {
  Deno.test(`what is presented: ${name}`, () => {
    const all = { user: undefined, password: undefined, token: undefined, signed: undefined };
    assertEquals({ ...all, ...credentialsOf(sessionOf(asker)) }, { ...all, ...found });
  });
}

Deno.test("nobody makes the server look at a credential of megabytes", () => {
  const long = "x".repeat(1_000_000);
  for (const asker of [{ query: `key=${long}` }, { authorization: `Bearer ${long}` }, { url: `rtmp://a:${long}@h/` }]) {
    const { keys } = credentialsOf(sessionOf(asker));
    assertEquals(keys.map(({ length }) => length).filter((length) => length > MAX_CREDENTIAL_LENGTH + 1), []);
  }
});
