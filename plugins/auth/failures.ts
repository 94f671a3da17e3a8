import type { Clock } from "../../kernel/clock.ts";
import { type IpAddress, parseIp } from "../../kernel/front/ip_address.ts";
import { NetworkList } from "../../kernel/front/network_list.ts";

/** How wrong credentials from one address are dealt with. */
export interface FailureSettings {
  /** So many lead to a ban; 0 for never. */
  readonly failures: number;
  /** Older ones are forgotten. */
  readonly withinSeconds: number;
  readonly banSeconds: number;
  /** Addresses and networks that are never banned nor slowed down. */
  readonly exempt: readonly string[];
}

/** Addresses that are kept in mind at once: some ten megabytes. Beyond it, those that failed longest ago are forgotten. */
export const MAX_ADDRESSES = 50_000;

/** So many of the oldest are looked at for one that is not banned before a banned one is forgotten. */
const MAX_LOOKED_AT = 16;

/** So many wrong credentials are answered at once: people mistype. */
const FREE_FAILURES = 2;

/** The first answer that is held back, and the longest, in milliseconds; a decision has to come within ten seconds. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 4000;

/** The network that one customer gets: an attacker there has as many addresses as it likes (RFC 6177). */
const IPV6_CUSTOMER_BITS = 64n;

interface Failures {
  count: number;
  /** When the first of these happened, by the clock. */
  since: number;
  bannedUntil: number;
}

/** Who presented wrong credentials, by address, and how often; IPv6 by network of 64 bits. */
export class FailureTable {
  readonly #settings: FailureSettings;
  readonly #clock: Clock;
  readonly #exempt: NetworkList;
  /** Those that failed last stand last. */
  readonly #failures = new Map<string, Failures>();

  constructor(settings: FailureSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#exempt = new NetworkList(settings.exempt);
  }

  /** How many addresses are kept in mind. */
  get size(): number {
    return this.#failures.size;
  }

  /** For how many seconds an address is still banned; 0 when it is not. */
  bannedSeconds(ip: string | undefined): number {
    if (this.#failures.size === 0) return 0;
    const key = this.#key(ip);
    const found = key === undefined ? undefined : this.#failures.get(key);
    return found ? Math.max(0, Math.ceil((found.bannedUntil - this.#clock.now()) / 1000)) : 0;
  }

  /** Counts a wrong credential. Says how long the answer is to be held back, and whether this one led to a ban. */
  count(ip: string | undefined): { readonly delayMs: number; readonly isBan: boolean } {
    const key = this.#key(ip);
    if (key === undefined) return { delayMs: 0, isBan: false };
    const failures = this.#take(key);
    failures.count++;
    const isBan = failures.count >= this.#settings.failures && failures.bannedUntil <= this.#clock.now();
    if (isBan) {
      failures.bannedUntil = this.#clock.now() + this.#settings.banSeconds * 1000;
      failures.count = 0;
    }
    return { delayMs: isBan ? 0 : delayOf(failures.count), isBan };
  }

  /** Takes an address's entry out and puts it last, making room where needed. */
  #take(key: string): Failures {
    const now = this.#clock.now();
    const found = this.#failures.get(key);
    this.#failures.delete(key);
    if (!found && this.#failures.size >= MAX_ADDRESSES) this.#forgetOne();
    const isOld = !found || now - found.since > this.#settings.withinSeconds * 1000;
    const entry = isOld ? { count: 0, since: now, bannedUntil: found?.bannedUntil ?? 0 } : found;
    this.#failures.set(key, entry);
    return entry;
  }

  #forgetOne(): void {
    const now = this.#clock.now();
    let oldest: string | undefined;
    let looked = 0;
    for (const [key, { bannedUntil }] of this.#failures) {
      oldest ??= key;
      if (bannedUntil <= now || ++looked === MAX_LOOKED_AT) {
        this.#failures.delete(bannedUntil <= now ? key : oldest);
        return;
      }
    }
  }

  #key(ip: string | undefined): string | undefined {
    const address = ip === undefined || this.#settings.failures === 0 ? undefined : parseIp(ip);
    return address && !this.#exempt.has(address) ? keyOf(address) : undefined;
  }
}

function keyOf({ family, value }: IpAddress): string {
  return family === 4 ? value.toString(36) : `${(value >> IPV6_CUSTOMER_BITS).toString(36)}/64`;
}

function delayOf(count: number): number {
  if (count <= FREE_FAILURES) return 0;
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (count - FREE_FAILURES - 1));
}
