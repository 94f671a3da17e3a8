import { assertEquals, assertMatch } from "@std/assert";
import { redisAddressFault, redisFault } from "./redis_faults.ts";

const SAID = [
  {
    message: "WRONGPASS invalid username-password pair or user is disabled.",
    words: /does not accept the user and password/,
  },
  { message: "NOAUTH HELLO must be called with the client already authenticated", words: /wants a password/ },
  {
    message: "NOPERM User eve has no permissions to run the 'set' command",
    words: /^NOPERM User eve has no permissions/,
  },
  { message: "OOM command not allowed when used memory > 'maxmemory'.", words: /is full/ },
  { message: "READONLY You can't write against a read only replica.", words: /is a replica/ },
  { message: "MOVED 3999 10.0.0.2:6381", words: /part of a Redis Cluster/ },
  { message: "CLUSTERDOWN Hash slot not served", words: /part of a Redis Cluster/ },
  { message: "ERR SELECT is not allowed in cluster mode", words: /part of a Redis Cluster/ },
  { message: "ERR DB index is out of range", words: /no database of the number/ },
  { message: 'Unknown RESP type 72 "H". Please report this.', words: /is no Redis/ },
  { message: "Stream isn't writeable and enableOfflineQueue options is false", words: /connection is lost/ },
  { message: "connect ECONNREFUSED 10.0.0.9:6379", words: /^connect ECONNREFUSED 10\.0\.0\.9:6379$/ },
];

for (const { message, words } of SAID) {
  Deno.test(`"${message.slice(0, 40)}" is told in words`, () => assertMatch(redisFault(message), words));
}

Deno.test("what was sent to Redis is not told, since it may be a secret", () => {
  for (const name of ["setnx", "'"]) {
    const told = redisFault(`ERR unknown command '${name}', with args beginning with: 'sluice:secret' 'sesame' `);
    assertEquals(told.includes("sesame"), false, told);
  }
  assertEquals(redisFault("ERR syntax error, with args beginning with: 'sesame'\n'x' "), "ERR syntax error");
});

Deno.test("addresses of Redis, good and bad", () => {
  const good = ["redis://a", "redis://:p%2Fw@10.0.0.9:6379/3", "rediss://u:p@[fd00::9]:6380", "redis://a:1/"];
  for (const text of good) assertEquals(redisAddressFault(text), undefined, text);
  const bad = [
    "redis://",
    "http://a",
    "redis://a:6379,b:6379",
    "redis://a:99999",
    "redis://a/films",
    "a:6379",
    "redis+sentinel://a",
  ];
  for (const text of bad) assertMatch(redisAddressFault(text) ?? "", /no address/, text);
});
