import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { EgressMeter } from "../../kernel/streams/limits.ts";
import type { NodeLoad } from "./report.ts";

/** What a node can, as its settings say. */
export interface Capacity {
  readonly connections: number;
  readonly mbps: number;
  /** 1 when absent. */
  readonly cores?: number;
}

/** The processor is measured over at least so many milliseconds. */
const LEAST_MS = 500;

/** Measures how much this node does. */
export class LoadMeter implements Disposable {
  readonly #ctx: Pick<PluginContext, "clock" | "sessions">;
  readonly #capacity: Capacity;
  readonly #cpuSeconds: () => number;
  readonly #egress: EgressMeter;
  #cpu = 0;
  #lookedAt: number;
  #had: number;

  /** `cpuSeconds` is how much of its processors the process has taken so far. */
  constructor(ctx: Pick<PluginContext, "clock" | "sessions" | "on">, capacity: Capacity, cpuSeconds: () => number) {
    this.#ctx = ctx;
    this.#capacity = capacity;
    this.#cpuSeconds = cpuSeconds;
    this.#egress = new EgressMeter(ctx.clock, ctx.sessions);
    this.#egress.isOn = true;
    ctx.on("session:end", ({ session }) => this.#egress.ended(session));
    this.#lookedAt = ctx.clock.now();
    this.#had = cpuSeconds();
  }

  /** How much that is now. */
  get load(): NodeLoad {
    return {
      connections: this.#ctx.sessions.size,
      mostConnections: this.#capacity.connections,
      mbps: Math.round(this.#egress.mbps * 10) / 10,
      mostMbps: this.#capacity.mbps,
      cpu: this.#measured(),
    };
  }

  [Symbol.dispose](): void {
    this.#egress[Symbol.dispose]();
  }

  #measured(): number {
    const now = this.#ctx.clock.now();
    const ms = now - this.#lookedAt;
    if (ms < LEAST_MS) return this.#cpu;
    const has = this.#cpuSeconds();
    this.#cpu = Math.round((has - this.#had) * 1000 / ms / (this.#capacity.cores ?? 1) * 100) / 100;
    this.#lookedAt = now;
    this.#had = has;
    return this.#cpu;
  }
}
