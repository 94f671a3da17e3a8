import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log/log.ts";
import { fetchProblem } from "../shared/http/fetch_problem.ts";
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
  readonly log: Logger;
}

/** Why a node of the list is of no use, in words; `kind` is the same for what need not be said twice. */
interface Trouble {
  readonly kind: string;
  readonly words: string;
  /** It has not answered in time. */
  readonly isSilent?: boolean;
}

/**
 * No store at all: every node of a list is asked by every other. One that did not answer last time is waited for no more until it
 * does: what the others say is not to come late for it.
 */
export class HttpStore implements ClusterStore {
  readonly name = "The list of nodes";
  readonly #nodes: readonly string[];
  readonly #secrets: NodeSecrets;
  readonly #host: HttpStoreHost;
  readonly #controller = new AbortController();
  /** What each node said last, of those that are of use. */
  readonly #reports = new Map<string, NodeReport>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #silent = new Set<string>();
  /** What was said last of nodes that are of no use. */
  readonly #said = new Map<string, string>();

  constructor(nodes: readonly string[], secrets: NodeSecrets, host: HttpStoreHost) {
    this.#nodes = nodes;
    this.#secrets = secrets;
    this.#host = host;
  }

  /** Never fails: nodes that do not answer are told by the view from those that do. */
  async exchange(own: NodeReport): Promise<readonly NodeReport[]> {
    const asked = this.#nodes.map((node) => ({ node, answered: this.#asked(node, own) }));
    await Promise.all(asked.filter(({ node }) => !this.#silent.has(node)).map(({ answered }) => answered));
    return [...this.#reports.values()];
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await Promise.all(this.#asking.values());
  }

  /** Settles when a node has answered, or has not in time; never rejects. */
  #asked(node: string, own: NodeReport): Promise<void> {
    const asking = this.#asking.get(node) ?? this.#hear(node, own).finally(() => this.#asking.delete(node));
    this.#asking.set(node, asking);
    return asking;
  }

  async #hear(node: string, own: NodeReport): Promise<void> {
    const found = await this.#ask(node, own);
    if (this.#controller.signal.aborted) return;
    const isReport = "id" in found;
    if (isReport) this.#reports.set(node, found);
    else this.#reports.delete(node);
    if (!isReport && found.isSilent) this.#silent.add(node);
    else this.#silent.delete(node);
    this.#say(node, isReport ? undefined : found);
  }

  /** Said once, however long it lasts. */
  #say(node: string, trouble: Trouble | undefined): void {
    const { log } = this.#host;
    if (trouble?.kind === this.#said.get(node)) return;
    if (trouble) {
      this.#said.set(node, trouble.kind);
      log.warn(`${node}, which is one of cluster.nodes, ${trouble.words}`, { node });
    } else {
      this.#said.delete(node);
      log.info(`${node} of cluster.nodes answers as a node of this cluster again`, { node });
    }
  }

  async #ask(node: string, own: NodeReport): Promise<NodeReport | Trouble> {
    const passes = this.#secrets.passes(REPORT_USE).join();
    const late = new AbortController();
    using _timer = this.#host.clock.setTimeout(() => late.abort(), ANSWER_MS);
    try {
      const answer = await this.#host.fetch(new URL(REPORT_PATH, node), {
        headers: { authorization: `${NODE_SCHEME} ${passes}` },
        signal: AbortSignal.any([late.signal, this.#controller.signal]),
        redirect: "error",
      });
      if (answer.ok) return checked(reportOf(await jsonOf(answer)), own);
      await answer.body?.cancel();
      return refused(answer.status);
    } catch (error) {
      const isSilent = late.signal.aborted;
      const why = isSilent ? `it has not answered within ${ANSWER_MS / 1000} s` : fetchProblem(error);
      return { kind: "unreachable", words: `cannot be reached: ${why}`, isSilent };
    }
  }
}

function refused(status: number): Trouble {
  const words = status === 401
    ? "does not take this one for a node: secrets or clocks differ"
    : `answers ${status}, so it is no node of a cluster`;
  return { kind: String(status), words };
}

/** What answers may be anything. */
function checked(report: NodeReport | undefined, own: NodeReport): NodeReport | Trouble {
  if (!report) return { kind: "other", words: "is no node of a cluster, or one of another version" };
  const isTwin = report.id === own.id && report.address !== own.address;
  if (!isTwin) return report;
  return { kind: "twin", words: `calls itself ${own.id}, as this one does: each needs a cluster.id of its own` };
}

async function jsonOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
