import type { NodeReport } from "./report.ts";

/** Where nodes tell each other how they are, and agree on a secret where their settings say none. */
export interface ClusterStore extends AsyncDisposable {
  /** How people call it, without keys: `redis://10.0.0.9:6379`. */
  readonly name: string;
  /**
   * Says how this node is, and gives the reports of all nodes that it has; those of nodes long gone may be among them.
   *
   * @throws {Error} in words, when the store cannot be reached
   */
  exchange(own: NodeReport): Promise<readonly NodeReport[]>;
  /** Takes this node's report away, if the store can be reached. */
  leave(id: string): Promise<void>;
}
