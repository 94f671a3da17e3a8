import { definePlugin, type Plugin } from "../../kernel/plugin/plugin.ts";
import type { NodeSecrets } from "./node_secrets.ts";
import type { NodeReport } from "./report.ts";
import { type OwnParts, setUp } from "./set_up.ts";
import { clusterSchema } from "./settings.ts";
import type { ClusterStore } from "./store.ts";

/** A store in memory for the nodes of one test, which can be lost and come back empty. */
export class FakeStore {
  readonly #reports = new Map<string, NodeReport>();
  readonly #dead = new Set<string>();
  /** Whether it answers. */
  isUp = true;
  /** Exchanges so far, also those that failed. */
  asked = 0;
  /** What the nodes have agreed on. */
  secret?: string;

  /** The newest report of each node. */
  get reports(): ReadonlyMap<string, NodeReport> {
    return this.#reports;
  }

  /** One node's way to it. */
  open(secrets?: NodeSecrets, name = "The test's store"): ClusterStore {
    return {
      name,
      exchange: (own) => {
        this.asked++;
        if (!this.isUp || this.#dead.has(own.id)) return Promise.reject(new Error("connection refused"));
        this.#agree(secrets);
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
    this.secret = undefined;
  }

  #agree(secrets: NodeSecrets | undefined): void {
    if (secrets?.offered !== undefined) secrets.agree(this.secret ??= secrets.offered);
  }
}

/** A node with a test's own parts. */
export function testNode(own: OwnParts): Plugin {
  return definePlugin({
    name: "cluster",
    config: clusterSchema,
    setup: (ctx, settings) => setUp(ctx, settings, own),
  })();
}
