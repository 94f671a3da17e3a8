import { murmur3 } from "../shared/relay/murmur3.ts";

/** One of several that can be chosen. */
export interface Candidate {
  readonly id: string;
  /** Twice the weight is chosen twice as often; above 0. */
  readonly weight: number;
}

const encoder = new TextEncoder();

/**
 * Candidates in the order in which they are to be had for a key, the best first: weighted rendezvous hashing.
 *
 * All who ask with the same candidates get the same order; when one goes only its own keys move, and when a weight changes
 * keys move to or from that one alone.
 */
export function ranked<T extends Candidate>(candidates: readonly T[], key: string): T[] {
  return candidates.map((candidate) => ({ candidate, score: score(candidate, key) }))
    .sort((a, b) => b.score - a.score || (a.candidate.id < b.candidate.id ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/** A hash in (0, 1) makes an exponential number whose rate is the weight; the largest is the one that comes first. */
function score({ id, weight }: Candidate, key: string): number {
  const hash = (murmur3(encoder.encode(`${id} ${key}`)) + 0.5) / 2 ** 32;
  return -weight / Math.log(hash);
}
