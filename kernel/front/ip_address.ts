/** An IP address as a number; IPv4 within IPv6 (`::ffff:1.2.3.4`, RFC 4291, section 2.5.5.2) is IPv4. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** How many bits the addresses of a family have. */
export const BITS: Readonly<Record<IpAddress["family"], number>> = { 4: 32, 6: 128 };

const MAPPED_PREFIX = 0xffffn;
const LOW_32 = 0xffffffffn;

/** Reads an IPv4 or IPv6 address (RFC 4291, section 2.2), without brackets; a zone behind `%` is left away. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const value = parseIpv4(text);
    return value === undefined ? undefined : { family: 4, value };
  }
  const value = parseIpv6(text.split("%", 1)[0]);
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED_PREFIX ? { family: 4, value: value & LOW_32 } : { family: 6, value };
}

/** The IP address in a session's `remote`; undefined when there is none in it. */
export function ipOfRemote(remote: string): string | undefined {
  const [, v6, v4] = /^(?:\[([^\]]+)\]|([^:]+)):\d+$/.exec(remote) ?? [];
  const text = v6 ?? v4;
  return text !== undefined && parseIp(text) ? text : undefined;
}

/** Whether a session's `remote` is a part of this process, such as the demo, rather than a peer. */
export function isInProcess(remote: string): boolean {
  return !remote.includes(":");
}

const OCTET = /^(0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum << 8n | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  // Only the end of an address can have the form of IPv4.
  const [head, tail] = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...tail ?? []];
  return groups.reduce((sum, group) => sum << 16n | group, 0n);
}

function groupsOf(text: string, isEnd: boolean): bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  const v4 = isEnd && last.includes(".") ? parseIpv4(last) : undefined;
  const plain = v4 === undefined ? parts : parts.slice(0, -1);
  if (!plain.every((part) => GROUP.test(part))) return undefined;
  const groups = plain.map((part) => BigInt(`0x${part}`));
  return v4 === undefined ? groups : [...groups, v4 >> 16n, v4 & 0xffffn];
}
