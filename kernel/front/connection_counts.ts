/** How many connections there are, as far as limits are concerned: of this isolate, or of all that share them. */
export interface ConnectionCounts {
  /** Connections open now. */
  readonly connections: number;
  /** Counts one in, or out. */
  count(change: 1 | -1): void;
  /** Connections from one address. */
  ofAddress(ip: string): number;
  /** Counts one from an address in, or out. */
  countAddress(ip: string, change: 1 | -1): void;
}

/** The counts of a server that is one isolate. */
export class OwnCounts implements ConnectionCounts {
  connections = 0;
  readonly #perAddress = new Map<string, number>();

  count(change: 1 | -1): void {
    this.connections += change;
  }

  ofAddress(ip: string): number {
    return this.#perAddress.get(ip) ?? 0;
  }

  countAddress(ip: string, change: 1 | -1): void {
    const count = this.ofAddress(ip) + change;
    if (count > 0) this.#perAddress.set(ip, count);
    else this.#perAddress.delete(ip);
  }
}
