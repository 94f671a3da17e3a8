import { BITS, type IpAddress, parseIp } from "./ip_address.ts";

/** A part of all addresses of a family. */
interface Network {
  readonly family: IpAddress["family"];
  /** How many bits at the front are fixed. */
  readonly prefix: number;
  /** The fixed bits. */
  readonly start: bigint;
}

/** Whether a text is an address or a network in CIDR notation (RFC 4632, section 3.1). */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/** Addresses and networks; asking takes as long as there are lengths of prefixes, however many networks there are. */
export class NetworkList {
  readonly #starts: Readonly<Record<IpAddress["family"], Map<number, Set<bigint>>>> = { 4: new Map(), 6: new Map() };

  /** @throws {TypeError} when one is neither an address nor a network */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const network = parseNetwork(text);
      if (!network) throw new TypeError(`"${text}" is neither an address nor a network such as 10.0.0.0/8 or fd00::/8`);
      const byPrefix = this.#starts[network.family];
      const starts = byPrefix.get(network.prefix) ?? new Set();
      byPrefix.set(network.prefix, starts.add(network.start));
    }
  }

  /** Whether an address is one of these or in one of them. */
  has({ family, value }: IpAddress): boolean {
    for (const [prefix, starts] of this.#starts[family]) {
      if (starts.has(value >> BigInt(BITS[family] - prefix))) return true;
    }
    return false;
  }
}

function parseNetwork(text: string): Network | undefined {
  const [address, length, ...more] = text.split("/");
  const ip = parseIp(address);
  if (!ip || more.length > 0 || address.includes("%")) return undefined;
  const bits = BITS[ip.family];
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : Number(length) - (isMapped(address, ip) ? BITS[6] - BITS[4] : 0);
  if (prefix < 0 || prefix > bits) return undefined;
  return { family: ip.family, prefix, start: ip.value >> BigInt(bits - prefix) };
}

/** `::ffff:10.0.0.0/104` counts its bits as IPv6 does. */
function isMapped(text: string, { family }: IpAddress): boolean {
  return family === 4 && text.includes(":");
}
