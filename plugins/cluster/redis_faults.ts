/** What Redis, or the library that talks to it, says when it does not do what it was asked, and what that means to an operator. */
const FAULTS: readonly (readonly [said: RegExp, means: string])[] = [
  [/^Stream isn't writeable|^Connection is closed/, "the connection is lost"],
  [/^WRONGPASS/, "it does not accept the user and password of the address"],
  [/^NOAUTH/, "it wants a password, and the address has none"],
  [/^OOM/, "it is full (maxmemory) and takes nothing more"],
  [/^READONLY/, "it is a replica, which takes nothing; the address has to lead to the one that is written to"],
  [
    /^(MOVED|ASK|CLUSTERDOWN|CROSSSLOT)\b|in cluster mode/,
    "it is a part of a Redis Cluster; nodes need a Redis that has all keys itself",
  ],
  [
    /^ERR unknown command/,
    "it has no keys to read and write, as a Sentinel has none; the address has to be that of Redis",
  ],
  [/^ERR DB index is out of range/, "it has no database of the number in the address"],
  [/^Unknown RESP type/, "what answers there is no Redis"],
];

/** What went wrong with Redis, in words without anything that was sent to it, which may be a secret. */
export function redisFault(message: string): string {
  const known = FAULTS.find(([said]) => said.test(message));
  return known ? known[1] : message.replace(/,? with args beginning with:.*$/s, "");
}

/** Whether another connection to the same address may lead to a Redis that takes what this one refuses. */
export function isElsewhere(message: string): boolean {
  return /^READONLY/.test(message);
}

/** Whether the connection is to another database than the address says. */
export function isOtherDatabase(message: string): boolean {
  return /^ERR DB index is out of range|^ERR SELECT is not allowed/.test(message);
}

/** What is wrong with the address of a Redis, in words; undefined for a good one. */
export function redisAddressFault(text: string): string | undefined {
  const url = URL.parse(text);
  const isGood = url && /^rediss?:$/.test(url.protocol) && url.hostname !== "" && /^(\/\d*)?$/.test(url.pathname);
  return isGood
    ? undefined
    : "it is no address such as redis://10.0.0.9:6379 or rediss://user:password@10.0.0.9:6379/0";
}
