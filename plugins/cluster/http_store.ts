import type { Clock } from "../../kernel/clock.ts";
import { nodePass } from "./node_pass.ts";
import { type NodeReport, reportOf } from "./report.ts";
import type { ClusterStore } from "./store.ts";

/** Where a node tells the others how it is. */
export const REPORT_PATH = "/api/v1/cluster/report";

/** Begins the `Authorization` of a node's request. */
export const NODE_SCHEME = "SluiceNode";

/** A node that has not answered within so many milliseconds has missed a beat. */
const ANSWER_MS = 1500;

/** What the list of nodes works with. */
export interface HttpStoreHost {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

/** No store at all: every node of a list is asked by every other. */
export class HttpStore implements ClusterStore {
  readonly name = "The list of nodes";
  readonly #nodes: readonly string[];
  readonly #secret: string;
  readonly #host: HttpStoreHost;
  readonly #controller = new AbortController();

  constructor(nodes: readonly string[], secret: string, host: HttpStoreHost) {
    this.#nodes = nodes;
    this.#secret = secret;
    this.#host = host;
  }

  /** Never fails: nodes that do not answer are told by the view from those that do. */
  async exchange(): Promise<readonly NodeReport[]> {
    const reports = await Promise.all(this.#nodes.map((node) => this.#ask(node)));
    return reports.filter((report) => report !== undefined);
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    return Promise.resolve();
  }

  async #ask(node: string): Promise<NodeReport | undefined> {
    const pass = nodePass(this.#secret, { action: "report", stream: "" }, this.#host.clock.date());
    const late = new AbortController();
    using _timer = this.#host.clock.setTimeout(() => late.abort(), ANSWER_MS);
    try {
      const answer = await this.#host.fetch(new URL(REPORT_PATH, node), {
        headers: { authorization: `${NODE_SCHEME} ${pass}` },
        signal: AbortSignal.any([late.signal, this.#controller.signal]),
        redirect: "error",
      });
      if (answer.ok) return reportOf(await answer.json());
      await answer.body?.cancel();
    } catch {
      return undefined;
    }
  }
}
