import { ranked } from "./rendezvous.ts";
import { loadOf, type NodeReport } from "./report.ts";
import type { Holder } from "./view.ts";

/** Who looks for a node to fetch a stream from. */
export interface Seeker {
  /** The id of the node that looks. */
  readonly id: string;
  readonly stream: string;
  /** The nodes that the request has come through. */
  readonly hops?: readonly string[];
  /** The node that the stream was fetched from so far, which is to be left: whoever has it from there is no better. */
  readonly leaving?: string;
}

/** A node that is full is still worth this, so that it has a place in the order. */
const LEAST_WEIGHT = 0.01;

/** How good a node is for a new task: what it can, as far as it is free. */
export function weightOf({ load }: NodeReport): number {
  return Math.max(LEAST_WEIGHT, load.mostMbps * (1 - loadOf(load)));
}

/**
 * The nodes from which a stream may be fetched, the best first: live ones, of these those that are not being emptied, of these
 * those with room, of these those with the shortest way from where it is published; among equals the rendezvous of stream and
 * seeker.
 *
 * Left out are those that have it through the seeker, or that the request came through: they would go in a circle.
 */
export function parentsOf(holders: readonly Holder[], { id, stream, hops = [], leaving }: Seeker): Holder[] {
  const fitting = holders.filter(({ node, held: { via } }) => {
    if (node.id === id || hops.includes(node.id) || via.includes(id)) return false;
    return leaving === undefined || (node.id !== leaving && !via.includes(leaving));
  });
  const candidates = fitting.map((holder) => ({ id: holder.node.id, weight: weightOf(holder.node), holder }));
  return ranked(candidates, `${stream} ${id}`).map(({ holder }) => holder)
    .sort((a, b) => rank(a) - rank(b) || distance(a) - distance(b));
}

/** Smaller is better. */
function rank({ node, held }: Holder): number {
  return (held.state === "interrupted" ? 4 : 0) + (node.isDraining ? 2 : 0) + (loadOf(node.load) >= 1 ? 1 : 0);
}

/** How many connections it takes to get there from where the stream is published: what breaks one of them is noticed by all behind it. */
function distance({ held: { kind, via } }: Holder): number {
  return kind === "origin" ? 0 : Math.max(1, via.length);
}

/** The nodes that take a publisher of a stream, the best first; none that is being emptied. */
export function takersOf(nodes: readonly NodeReport[], stream: string): NodeReport[] {
  const candidates = nodes.filter(({ role, isDraining }) => role === "all" && !isDraining)
    .map((node) => ({ id: node.id, weight: weightOf(node), node }));
  const isFull = ({ load }: NodeReport) => Number(loadOf(load) >= 1);
  return ranked(candidates, stream).map(({ node }) => node).sort((a, b) => isFull(a) - isFull(b));
}

/**
 * The nodes that are to keep a copy of a stream for when the ones that it is published to die: as many as are wanted, less
 * those that it is published to besides the first. All who ask with the same nodes are told the same.
 */
export function keepersOf(
  nodes: readonly NodeReport[],
  origins: readonly string[],
  copies: number,
  stream: string,
): string[] {
  const wanted = Math.max(0, copies - Math.max(0, origins.length - 1));
  const candidates = nodes.filter(({ id, role, isDraining }) => role === "all" && !isDraining && !origins.includes(id))
    // What a node can at all, not what is free: nobody is to hand copies over because load goes up and down.
    .map(({ id, load }) => ({ id, weight: Math.max(LEAST_WEIGHT, load.mostMbps) }));
  return ranked(candidates, stream).slice(0, wanted).map(({ id }) => id);
}

/** Where each stream is published. */
export function originsOf(nodes: readonly NodeReport[]): Map<string, string[]> {
  const origins = new Map<string, string[]>();
  for (const { id, streams } of nodes) {
    for (const { stream, kind } of streams) {
      if (kind !== "origin") continue;
      const known = origins.get(stream);
      if (known) known.push(id);
      else origins.set(stream, [id]);
    }
  }
  return origins;
}
