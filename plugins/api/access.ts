import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { ManageRequest, ManageRole } from "../../kernel/plugin/guard.ts";

/** What a request says of who asks. */
export interface Asker {
  /** The address of the other end of the connection; undefined for a request that was made in memory. */
  readonly address?: string;
  readonly authorization?: string;
  readonly host?: string;
  readonly origin?: string;
  /** What the browser says of the page that asks (Fetch Metadata, 2.4). */
  readonly fetchSite?: string;
  /** Whether a proxy has passed it on. */
  readonly isForwarded: boolean;
}

/** The words that open the API. */
export interface Tokens {
  readonly write: string;
  readonly read: string;
}

/** How the API is opened. */
export interface AccessSettings {
  /** Whether requests from the machine itself need no token. */
  readonly local: boolean;
  /** Whether everybody may look. */
  readonly openRead: boolean;
}

/** How a request is answered that may not do what it wants. */
export interface Rebuff {
  readonly status: 401 | 403 | 429;
  readonly why: string;
}

/** Requests of one address in one go, and how many more it gets a second: a dashboard asks a few times a second. */
const BURST = 100;
const PER_SECOND = 20;

/** Addresses that are remembered; what is beyond has waited long enough. */
const MAX_ADDRESSES = 10_000;

/** Wrong tokens cost as much as so many requests, so that guessing is slow. */
const WRONG_COST = 20;

/** Any of these tells that a proxy has passed a request on: not all of them name who asks. */
const PROXY_HEADERS = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
];

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * Decides who may use the API: holders of a token, and those on the machine itself.
 *
 * A browser on the machine is no proof of its owner's will: pages of other sites are told by the headers that they cannot
 * forge, and a name that was made to point here by its `Host`. Behind a proxy everybody seems local, so that what was passed on
 * never counts as such.
 */
export class Access {
  #settings!: AccessSettings;
  #tokens!: ReadonlyMap<ManageRole, Uint8Array>;
  readonly #budgets: Budgets;

  constructor(settings: AccessSettings, tokens: Tokens, clock: Clock) {
    this.#budgets = new Budgets(clock);
    this.configure(settings, tokens);
  }

  /** Decides by other settings and tokens from now on. */
  configure(settings: AccessSettings, tokens: Tokens): void {
    this.#settings = settings;
    this.#tokens = new Map([["write", digest(tokens.write)], ["read", digest(tokens.read)]]);
  }

  /** Why this role is refused; undefined when it is granted. */
  refuse(asker: Asker, wanted: ManageRole): Rebuff | undefined {
    const isHome = asker.address === undefined || isLocal(asker) && asker.authorization === undefined;
    if (!isHome && !this.#budgets.spend(asker.address ?? "", 1)) return TOO_MANY;
    const role = this.#roleOf(asker);
    if (role === "write" || role === wanted) return undefined;
    if (asker.authorization !== undefined && role === undefined) this.#budgets.spend(asker.address ?? "", WRONG_COST);
    if (role === "read") return { status: 403, why: "This needs a token that may change things" };
    if (asker.authorization !== undefined) return { status: 401, why: "The token is not one of this server's" };
    const foreign = isLocalAddress(asker) ? foreignness(asker) : undefined;
    if (foreign !== undefined) return { status: 403, why: `${foreign}: it needs a token` };
    return { status: 401, why: "This needs a token: Authorization: Bearer TOKEN" };
  }

  #roleOf(asker: Asker): ManageRole | undefined {
    const token = /^Bearer +(\S+)$/i.exec(asker.authorization ?? "")?.[1];
    if (asker.authorization !== undefined) return token === undefined ? undefined : this.#roleOfToken(token);
    if (asker.address === undefined || this.#settings.local && isLocal(asker)) return "write";
    return this.#settings.openRead ? "read" : undefined;
  }

  #roleOfToken(token: string): ManageRole | undefined {
    const given = digest(token);
    for (const [role, known] of this.#tokens) if (timingSafeEqual(given, known)) return role;
  }
}

const TOO_MANY: Rebuff = { status: 429, why: "Too many requests from this address: wait some seconds" };

function isLocalAddress({ address, isForwarded }: Asker): boolean {
  return address !== undefined && LOOPBACK.test(address) && !isForwarded;
}

function isLocal(asker: Asker): boolean {
  return isLocalAddress(asker) && foreignness(asker) === undefined;
}

/** What tells a request that another site made through a browser of this machine; undefined for one that nothing tells so. */
function foreignness({ host, origin, fetchSite }: Asker): string | undefined {
  if (!LOCAL_HOST.test(host ?? "")) return "The request was made for another host";
  const isSame = origin === undefined || URL.parse(origin)?.host === host;
  if (!isSame) return "The request comes from a page of another site";
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") {
    return "The request comes from a page of another site";
  }
}

/** What a request says of who asks. */
export function askerOf({ address, header, isProxied = false }: ManageRequest): Asker {
  return {
    address,
    authorization: header("authorization"),
    host: header("host"),
    origin: header("origin"),
    fetchSite: header("sec-fetch-site"),
    isForwarded: isProxied || PROXY_HEADERS.some((name) => header(name) !== undefined),
  };
}

/** What addresses have left of their requests; it grows back. */
class Budgets {
  readonly #clock: Clock;
  readonly #spent = new Map<string, { amount: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False when there is not enough left. */
  spend(address: string, cost: number): boolean {
    const now = this.#clock.now();
    const known = this.#spent.get(address);
    const spent = known ? Math.max(0, known.amount - (now - known.at) / 1000 * PER_SECOND) : 0;
    if (spent + cost > BURST && cost === 1) return false;
    this.#spent.delete(address);
    this.#spent.set(address, { amount: Math.min(BURST, spent + cost), at: now });
    if (this.#spent.size > MAX_ADDRESSES) this.#spent.delete(this.#spent.keys().next().value!);
    return true;
  }
}

function digest(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
