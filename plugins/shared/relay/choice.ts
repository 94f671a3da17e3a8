import { createHash } from "node:crypto";
import type { Clock } from "../../../kernel/clock.ts";
import { murmur3 } from "./murmur3.ts";

/** How one of several upstream servers is chosen. */
export const CHOICES = ["order", "round-robin", "random", "least-active", "murmur", "md5"] as const;

/** See {@linkcode CHOICES}. */
export type ChoiceName = (typeof CHOICES)[number];

/** A server that failed a stream is not asked for it again for so long, in milliseconds. */
const BENCH_MS = 5000;

const encoder = new TextEncoder();

/** Servers that a stream can be had from, or sent to. */
export interface ServerChoice {
  /** How many there are. */
  readonly size: number;
  /** The one to ask for a stream now. */
  next(stream: string): string;
  /** Whether there is another one that has not just failed the stream. */
  hasOther(server: string, stream: string): boolean;
  /** A server is asked for a stream from now on; disposing says that it is not any more. */
  use(server: string): Disposable;
  /** A server has failed a stream. */
  bench(server: string, stream: string): void;
}

/**
 * Chooses among servers, stream by stream, and remembers which of them have failed.
 *
 * `murmur` and `md5` choose the server whose hash with the stream is highest (rendezvous hashing): all who ask choose the same,
 * and when one server goes only its own streams move.
 */
export class Choice implements ServerChoice {
  readonly #name: ChoiceName;
  readonly #servers: readonly string[];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #active = new Map<string, number>();
  /** By server and stream, the newest last. */
  readonly #benched = new Map<string, { readonly until: number; readonly order: number }>();
  #turn = 0;
  #failures = 0;

  constructor(name: ChoiceName, servers: readonly string[], clock: Clock, random: () => number = Math.random) {
    this.#name = name;
    this.#servers = servers;
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#servers.length;
  }

  /** The server to ask for a stream now: one that has not just failed it, or else the one whose failure is the oldest. */
  next(stream: string): string {
    const ranked = this.#ranked(stream);
    return ranked.find((server) => !this.#isBenched(server, stream)) ?? this.#firstBenched(ranked, stream);
  }

  hasOther(server: string, stream: string): boolean {
    return this.#servers.some((other) => other !== server && !this.#isBenched(other, stream));
  }

  use(server: string): Disposable {
    this.#active.set(server, this.#activeOf(server) + 1);
    return { [Symbol.dispose]: () => void this.#active.set(server, this.#activeOf(server) - 1) };
  }

  bench(server: string, stream: string): void {
    const now = this.#clock.now();
    const key = `${server} ${stream}`;
    this.#benched.delete(key);
    for (const [known, { until }] of this.#benched) {
      if (until > now) break;
      this.#benched.delete(known);
    }
    this.#benched.set(key, { until: now + BENCH_MS, order: this.#failures++ });
  }

  /** All servers, the best first. */
  #ranked(stream: string): readonly string[] {
    switch (this.#name) {
      case "order":
        return this.#servers;
      case "round-robin":
        return rotated(this.#servers, this.#turn++);
      case "random":
        return rotated(this.#servers, Math.floor(this.#random() * this.#servers.length));
      case "least-active":
        return this.#servers.toSorted((a, b) => this.#activeOf(a) - this.#activeOf(b));
      case "murmur":
        return byHash(this.#servers, (server) => murmur3(encoder.encode(`${server} ${stream}`)));
      case "md5":
        return byHash(
          this.#servers,
          (server) => createHash("md5").update(`${server} ${stream}`).digest().readUInt32BE(),
        );
    }
  }

  #firstBenched(ranked: readonly string[], stream: string): string {
    const orderOf = (server: string) => this.#benched.get(`${server} ${stream}`)?.order ?? -1;
    return ranked.reduce((first, server) => orderOf(server) < orderOf(first) ? server : first);
  }

  #isBenched(server: string, stream: string): boolean {
    return (this.#benched.get(`${server} ${stream}`)?.until ?? -Infinity) > this.#clock.now();
  }

  #activeOf(server: string): number {
    return this.#active.get(server) ?? 0;
  }
}

function byHash(servers: readonly string[], hash: (server: string) => number): readonly string[] {
  return servers.map((server) => ({ server, weight: hash(server) })).sort((a, b) => b.weight - a.weight).map((
    { server },
  ) => server);
}

function rotated(servers: readonly string[], by: number): readonly string[] {
  const at = by % servers.length;
  return [...servers.slice(at), ...servers.slice(0, at)];
}
