import { parentsOf } from "../plugins/cluster/parents.ts";
import type { HeldStream, NodeReport } from "../plugins/cluster/report.ts";

/** A cluster, and what comes to it. */
export interface ClusterPlan {
  readonly players: number;
  /** Streams, each published to every origin. */
  readonly streams: number;
  readonly kbps: number;
  readonly origins: number;
  readonly edges: number;
  /** Over so many seconds players come. */
  readonly seconds: number;
  /** What the network of one node carries, in megabits per second. */
  readonly mbps: number;
  readonly connections: number;
  /** Seconds of one core that a gigabit takes to send. */
  readonly cpuPerGigabit: number;
}

/** How it stands. */
export interface ClusterFigures {
  /** Copies of streams at edges; each crossed the network once. */
  readonly copies: number;
  /** Of these, such as were had from another copy because the origins were full, or dead. */
  readonly fromCopies: number;
  /** Copies that have lost the node they came from and found no other. */
  readonly lost: number;
  /** Nodes behind each other, from an origin to a player's edge, at most. */
  readonly deepest: number;
  /** How much of what it can the fullest origin and the fullest edge do; 1 is all. */
  readonly fullestOrigin: number;
  readonly fullestEdge: number;
}

interface Copy {
  readonly via: readonly string[];
  players: number;
}

/** A node of the model. An origin's streams have come through nobody. */
interface ModelNode {
  readonly id: string;
  readonly isOrigin: boolean;
  readonly copies: Map<string, Copy>;
}

/** What one node knew of the others a beat ago. */
type View = readonly NodeReport[];

/**
 * A cluster second by second, in which each edge chooses where it fetches a stream as a real node does, by what it knew of the
 * others one beat before. Nothing is sent in it.
 */
export class ClusterModel {
  readonly #plan: ClusterPlan;
  readonly #random: () => number;
  readonly #nodes: Map<string, ModelNode>;

  /** `random` gives numbers from 0 to 1. */
  constructor(plan: ClusterPlan, random: () => number) {
    this.#plan = plan;
    this.#random = random;
    const named = (what: string, count: number) => Array.from({ length: count }, (_, i) => `${what}-${i + 1}`);
    const streams = named("live/stream", plan.streams);
    const origins = named("origin", plan.origins).map((id) => {
      return { id, isOrigin: true, copies: new Map(streams.map((stream) => [stream, { via: [], players: 0 }])) };
    });
    const edges = named("edge", plan.edges).map((id) => ({ id, isOrigin: false, copies: new Map() }));
    this.#nodes = new Map([...origins, ...edges].map((node) => [node.id, node]));
  }

  /** All players come. */
  fill(): void {
    const { players, seconds } = this.#plan;
    for (let second = 0, come = 0; second < seconds; second++) {
      const until = Math.round(players * (second + 1) / seconds);
      this.#come(until - come);
      come = until;
    }
  }

  /** A node dies: who fetched from it finds another that has the stream, and its players come to other edges. */
  kill(id: string): void {
    const dead = this.#nodes.get(id);
    if (!dead) return;
    this.#nodes.delete(id);
    const view = this.#look();
    for (const node of this.#nodes.values()) {
      const orphans = [...node.copies].filter(([, { via }]) => via[0] === id);
      for (const [stream, { players }] of orphans) this.#fetch(node, stream, view, players, id);
    }
    this.#refreshWays();
    this.#come([...dead.copies.values()].reduce((sum, { players }) => sum + players, 0));
  }

  figures(): ClusterFigures {
    const nodes = [...this.#nodes.values()];
    const edges = nodes.filter(({ isOrigin }) => !isOrigin);
    const copies = edges.flatMap((edge) => [...edge.copies.values()]);
    const isFromCopy = ({ via }: Copy) => via.length > 0 && this.#nodes.get(via[0])?.isOrigin === false;
    const reports = this.#look();
    const fullest = (wanted: boolean) =>
      reports.filter(({ id }) => this.#nodes.get(id)?.isOrigin === wanted)
        .reduce((most, { load }) => Math.max(most, load.cpu, load.mbps / load.mostMbps), 0);
    return {
      copies: copies.length,
      fromCopies: copies.filter(isFromCopy).length,
      lost: copies.filter(({ via }) => via.length === 0).length,
      deepest: copies.reduce((most, { via }) => Math.max(most, via.length), 0),
      fullestOrigin: fullest(true),
      fullestEdge: fullest(false),
    };
  }

  /** So many players come within one beat. */
  #come(count: number): void {
    const view = this.#look();
    const edges = [...this.#nodes.values()].filter(({ isOrigin }) => !isOrigin);
    for (let i = 0; i < count; i++) {
      const edge = edges[Math.floor(this.#random() * edges.length)];
      const stream = `live/stream-${Math.floor(this.#random() * this.#plan.streams) + 1}`;
      const copy = edge.copies.get(stream);
      if (copy) copy.players++;
      else this.#fetch(edge, stream, view, 1);
    }
  }

  #fetch({ id, copies }: ModelNode, stream: string, view: View, players: number, leaving?: string): void {
    const holders = view.flatMap((node) => {
      const held = node.id === id ? undefined : node.streams.find((each) => each.stream === stream);
      return held ? [{ node, held, heardAt: 0 }] : [];
    });
    const [parent] = parentsOf(holders, { id, stream, leaving });
    copies.set(stream, { via: parent ? [parent.node.id, ...parent.held.via] : [], players });
  }

  /** Who has a stream through others learns by which way these have it now. */
  #refreshWays(): void {
    for (const { copies } of this.#nodes.values()) {
      for (const [stream, copy] of copies) copies.set(stream, { ...copy, via: this.#wayOf(stream, copy.via[0]) });
    }
  }

  #wayOf(stream: string, parent: string | undefined): string[] {
    const way: string[] = [];
    for (let at = parent; at !== undefined; at = this.#nodes.get(at)?.copies.get(stream)?.via[0]) way.push(at);
    return way;
  }

  /** What all say of themselves now. */
  #look(): View {
    const { kbps, mbps: mostMbps, connections: mostConnections, cpuPerGigabit } = this.#plan;
    const receivers = new Map<string, number>();
    const add = (id: string, count: number) => receivers.set(id, (receivers.get(id) ?? 0) + count);
    for (const { id, copies } of this.#nodes.values()) {
      for (const { via: [parent], players } of copies.values()) {
        add(id, players);
        if (parent !== undefined) add(parent, 1);
      }
    }
    return Array.from(this.#nodes.values(), ({ id, isOrigin, copies }): NodeReport => {
      const connections = receivers.get(id) ?? 0;
      const mbps = connections * kbps / 1000;
      const load = { connections, mostConnections, mbps, mostMbps, cpu: mbps * cpuPerGigabit / 1000 };
      const streams = Array.from(copies, ([stream, { via }]): HeldStream => {
        return { stream, kind: isOrigin ? "origin" : "copy", state: "live", via };
      });
      return {
        id,
        beat: 0,
        address: "",
        public: [],
        role: isOrigin ? "all" : "viewers",
        isDraining: false,
        load,
        streams,
      };
    });
  }
}
