import type { Clock } from "../../kernel/clock.ts";
import type { HeldStream, NodeReport } from "./report.ts";

/** How long a node counts without a word of it, and the whole view without the store, in milliseconds. */
export interface ViewLimits {
  readonly aliveMs: number;
  readonly staleMs: number;
}

/** A node, as far as is known here. */
export interface KnownNode {
  readonly report: NodeReport;
  /** When its newest report came, on this node's clock. */
  readonly heardAt: number;
}

/** A node that has a stream. */
export interface Holder {
  readonly node: NodeReport;
  readonly held: HeldStream;
  /** When its newest report came, on this node's clock. */
  readonly heardAt: number;
}

interface Entry extends KnownNode {
  readonly streams: ReadonlyMap<string, HeldStream>;
  /** That of the report that was read last: of a node that was started anew with an earlier clock it is lower than before. */
  readonly beat: number;
  /** Until when it counts without another report. */
  readonly until: number;
}

/**
 * What one node knows of the others.
 *
 * The invariant: as long as the store answers, a node counts that has been heard of within `aliveMs`, by this node's own
 * clock; while it does not answer, those count that did when it was asked first in vain, for `staleMs`.
 */
export class ClusterView {
  readonly #id: string;
  readonly #clock: Clock;
  readonly #limits: ViewLimits;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  #lostAt?: number;
  #askedAt?: number;

  /** `id` is this node's own, of which it needs no view. */
  constructor(id: string, clock: Clock, limits: ViewLimits) {
    this.#id = id;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** When the store fell silent; undefined while it answers. */
  get lostAt(): number | undefined {
    return this.#lostAt;
  }

  /** The other nodes that count now. */
  get nodes(): KnownNode[] {
    return [...this.#living()];
  }

  /** A node that counts now. */
  node(id: string): NodeReport | undefined {
    return this.#living().find(({ report }) => report.id === id)?.report;
  }

  /** What a node that counts now says of a stream; undefined when it does not have it. */
  held(id: string, stream: string): HeldStream | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#counts(entry) ? entry.streams.get(stream) : undefined;
  }

  /** The other nodes that have a stream. */
  holders(stream: string): Holder[] {
    const found: Holder[] = [];
    for (const { report: node, heardAt, streams } of this.#living()) {
      const held = streams.get(stream);
      if (held) found.push({ node, held, heardAt });
    }
    return found;
  }

  /** The store is asked. */
  ask(): void {
    this.#askedAt ??= this.#clock.now();
  }

  /** The store has answered: these are the reports that it has. */
  take(reports: readonly NodeReport[]): void {
    const now = this.#clock.now();
    this.#askedAt = undefined;
    if (this.#lostAt !== undefined) this.#found(now, this.#lostAt);
    for (const report of reports) {
      if (report.id !== this.#id) this.#hear(report, now);
    }
    // The dead are remembered as long as the store has their last reports, which are not to bring them back.
    const known = new Set(reports.map(({ id }) => id));
    for (const [id, { until }] of this.#entries) if (until <= now && !known.has(id)) this.#entries.delete(id);
    for (const listener of [...this.#listeners]) listener();
  }

  /** The store does not answer. */
  lose(): void {
    this.#lostAt ??= this.#askedAt ?? this.#clock.now();
  }

  /** Calls back whenever there may be something new; disposing takes that back. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Others come back to the store in their own time: nobody is given up in the first moment. */
  #found(now: number, lostAt: number): void {
    this.#lostAt = undefined;
    const isStale = now - lostAt > this.#limits.staleMs;
    for (const [id, entry] of this.#entries) {
      const counts = !isStale && entry.until > lostAt;
      this.#entries.set(id, { ...entry, until: counts ? now + Math.max(RETURN_MS, this.#limits.aliveMs) : now });
    }
  }

  #hear(report: NodeReport, now: number): void {
    const known = this.#entries.get(report.id);
    const { beat } = report;
    // One that is lower may be as old as it looks; the next shows whether it grows.
    if (known && known.beat >= beat) return void this.#entries.set(report.id, { ...known, beat });
    const isSame = known !== undefined && known.report.streams === report.streams;
    const streams = isSame ? known.streams : new Map(report.streams.map((held) => [held.stream, held]));
    this.#entries.set(report.id, { report, heardAt: now, until: now + this.#limits.aliveMs, streams, beat });
  }

  #living(): IteratorObject<Entry> {
    return this.#entries.values().filter((entry) => this.#counts(entry));
  }

  #counts({ until }: Entry): boolean {
    const now = this.#clock.now();
    const at = this.#lostAt ?? this.#askedAt ?? now;
    return until > at && now - at <= this.#limits.staleMs;
  }
}

/** How long nodes may take to come back to a store that answers again, in milliseconds. */
const RETURN_MS = 15_000;
