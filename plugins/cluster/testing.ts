import { definePlugin, type Plugin } from "../../kernel/plugin.ts";
import type { NodeReport } from "./report.ts";
import { type OwnParts, setUp } from "./set_up.ts";
import { clusterSchema, type ClusterSettings } from "./settings.ts";
import type { ClusterStore } from "./store.ts";

/** A store in memory for the nodes of one test, which can be lost and come back empty. */
export class FakeStore {
  readonly #reports = new Map<string, NodeReport>();
  readonly #dead = new Set<string>();
  /** Whether it answers. */
  isUp = true;
  /** Exchanges so far, also those that failed. */
  asked = 0;

  /** The newest report of each node. */
  get reports(): ReadonlyMap<string, NodeReport> {
    return this.#reports;
  }

  /** One node's way to it. */
  open(): ClusterStore {
    return {
      name: "The test's store",
      exchange: (own) => {
        this.asked++;
        if (!this.isUp || this.#dead.has(own.id)) return Promise.reject(new Error("connection refused"));
        this.#reports.set(own.id, own);
        return Promise.resolve([...this.#reports.values()]);
      },
      leave: (id) => {
        if (!this.#dead.has(id)) this.#reports.delete(id);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** Hears nothing more of a node, not even that it goes. */
  kill(id: string): void {
    this.#dead.add(id);
  }

  /** Forgets everything, as a store does that keeps nothing on its disk. */
  clear(): void {
    this.#reports.clear();
  }
}

/** A node with a test's own parts. */
export function testNode(settings: Partial<ClusterSettings>, own: OwnParts): Plugin {
  return definePlugin({
    name: "cluster",
    setup: (ctx) => setUp(ctx, clusterSchema.parse(settings) as unknown as ClusterSettings, own),
  })();
}
