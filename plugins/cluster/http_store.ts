import type { Clock } from "../../kernel/clock.ts";
import type { NodeSecrets } from "./node_secrets.ts";
import type { PassUse } from "./node_pass.ts";
import { type NodeReport, reportOf } from "./report.ts";
import type { ClusterStore } from "./store.ts";

/** Where a node tells the others how it is. */
export const REPORT_PATH = "/api/v1/cluster/report";

/** Begins the `Authorization` of a node's request; its passes follow, with commas between them. */
export const NODE_SCHEME = "SluiceNode";

/** What those passes are for. */
export const REPORT_USE: PassUse = { action: "report", stream: "" };

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
  readonly #secrets: NodeSecrets;
  readonly #host: HttpStoreHost;
  readonly #controller = new AbortController();

  constructor(nodes: readonly string[], secrets: NodeSecrets, host: HttpStoreHost) {
    this.#nodes = nodes;
    this.#secrets = secrets;
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
    const passes = this.#secrets.passes(REPORT_USE).join();
    const late = new AbortController();
    using _timer = this.#host.clock.setTimeout(() => late.abort(), ANSWER_MS);
    try {
      const answer = await this.#host.fetch(new URL(REPORT_PATH, node), {
        headers: { authorization: `${NODE_SCHEME} ${passes}` },
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
