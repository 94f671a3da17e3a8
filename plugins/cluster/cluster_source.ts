import { ClientError } from "../../kernel/sessions/client.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { StreamSource } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Publication } from "../../kernel/streams/publication.ts";
import { Refusal, whenAborted } from "../../kernel/reasons.ts";
import { CLUSTER_PROTOCOL } from "../shared/published.ts";
import { PulledFeed } from "../shared/relay/pulled_feed.ts";
import { parentsOf } from "./parents.ts";
import type { NodeReport } from "./report.ts";
import type { ClusterView, Holder } from "./view.ts";
import { wayOf } from "./way.ts";

/** What a source works with. */
export interface SourceHost extends Pick<PluginContext, "clients" | "clock" | "log"> {
  readonly view: ClusterView;
  /** Brings the view up to date. */
  refresh(): Promise<void>;
  /** A source begins to run; what this gives is disposed of when it has run. */
  running(source: ClusterSource): Disposable;
  /** The stream comes from another node from now on, or from none. */
  onMove(): void;
}

/** What a source brings. */
export interface SourcePlan {
  /** This node's id. */
  readonly id: string;
  /** The stream's id. */
  readonly stream: string;
  /** The nodes that the request has come through. */
  readonly hops: readonly string[];
  /** How long it looks for a node that has the stream, in milliseconds. */
  readonly waitMs: number;
  /** The stream's address at a node. */
  addressAt(node: NodeReport): string;
}

/** A node that has not answered within so many milliseconds is left for another: it is near, or it is not there. */
const ANSWER_MS = 2500;

/** A node from which nothing has come for so long is left for another that has the stream, in milliseconds. */
const STALL_MS = 2000;

/** A node from which nothing has come for so long is dialled anew, though there is no other, in milliseconds. */
const SILENT_MS = 8000;

/** What a node answers that does not have the stream. */
const NOT_FOUND = "404";

/** After so long without a packet the stream is given up, in milliseconds. */
const GIVE_UP_MS = 10_000;

/** A node that has failed is asked again after so many milliseconds, when there is no other, … */
const RETRY_MS = 500;

/** … and after so many when there are: time enough to be known as dead by all. */
const BENCH_MS = 5000;

/** So long after a node has failed, whoever had a stream from it has noticed that and told, in milliseconds. */
const NOTICE_MS = 3500;

/** A node whose connection has ended may take so long to say that it does not have the stream any more, in milliseconds, … */
const SETTLE_MS = 2500;

/** … and is asked about it so often. */
const ASK_MS = 200;

/**
 * Brings a stream from the node of the cluster that is best for it, and goes over to another one that has it when that fails,
 * falls silent or is being emptied: players notice a pause at most.
 */
export class ClusterSource implements StreamSource {
  readonly name = CLUSTER_PROTOCOL;
  readonly givesWay = true;
  readonly #host: SourceHost;
  readonly #plan: SourcePlan;
  readonly #feed: PulledFeed;
  readonly #benched = new Map<string, number>();
  #publication?: Publication;
  #parent?: Holder;
  #isFed = false;
  #startedAt: number;
  #said = "";

  constructor(host: SourceHost, plan: SourcePlan) {
    this.#host = host;
    this.#plan = plan;
    this.#startedAt = host.clock.now();
    this.#feed = new PulledFeed(host.clock);
  }

  /** The nodes that the stream comes through, the nearest first; none while one is looked for. */
  get via(): readonly string[] {
    return this.#parent ? this.#wayOf(this.#parent) : [];
  }

  /** Whether a node sends it now. */
  get isFed(): boolean {
    return this.#isFed;
  }

  async run(begin: () => Publication, signal: AbortSignal): Promise<void> {
    // Players that come together have a source made for each, of which one runs.
    using _running = this.#host.running(this);
    this.#startedAt = this.#host.clock.now();
    while (!signal.aborted) {
      const parent = await this.#find(signal);
      if (signal.aborted) return;
      if (!parent && this.#publication) return;
      if (!parent) throw new Error(`No node of the cluster has ${this.#plan.stream}`);
      const failure = await this.#attempt(parent, begin, signal);
      if (signal.aborted || await this.#hasEnded(failure, parent.node.id, signal)) return;
      this.#say(parent.node.id, failure);
    }
  }

  /** Looks for a node that has the stream until there is one, or it has taken too long. */
  async #find(signal: AbortSignal): Promise<Holder | undefined> {
    const { clock, refresh } = this.#host;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const found = this.#choose();
      if (found) return found;
      if (!isFirst && clock.now() >= this.#deadline) return undefined;
      if (!isFirst) await this.#pause(RETRY_MS, signal, () => this.#choose() !== undefined);
      if (!signal.aborted) await refresh();
    }
  }

  get #deadline(): number {
    if (!this.#publication) return this.#startedAt + this.#plan.waitMs;
    return Math.max(this.#startedAt, this.#feed.newestAt) + GIVE_UP_MS;
  }

  /** The nodes that have the stream, the best first; without the one that is to be left, and those that have it from there. */
  #parents(leaving?: string): Holder[] {
    const { id, stream, hops } = this.#plan;
    const holders = this.#host.view.holders(stream).map((holder) => this.#asOfNow(holder));
    return parentsOf(holders.filter((holder) => this.#isIndependent(holder)), { id, stream, hops, leaving });
  }

  /** The best node that has not just failed; when all have, the one that failed first, after a moment. */
  #choose(leaving?: string): Holder | undefined {
    const parents = this.#parents(leaving);
    const now = this.#host.clock.now();
    const failedAt = (holder: Holder) => this.#benched.get(holder.node.id) ?? -Infinity;
    const fresh = parents.find((holder) => failedAt(holder) + BENCH_MS <= now);
    if (fresh || leaving !== undefined) return fresh;
    return parents.filter((holder) => failedAt(holder) + RETRY_MS <= now)
      .sort((a, b) => failedAt(a) - failedAt(b))[0];
  }

  #wayOf({ node, held }: Holder): readonly string[] {
    const { id, stream } = this.#plan;
    return wayOf(this.#host.view, stream, node.id, held, id);
  }

  #asOfNow(holder: Holder): Holder {
    const [, ...via] = this.#wayOf(holder);
    return { ...holder, held: { ...holder.held, via } };
  }

  /** Not so as long as it may not have noticed yet that the node has failed from which it has the stream. */
  #isIndependent({ held: { via }, heardAt }: Holder): boolean {
    return via.every((id) => heardAt >= (this.#benched.get(id) ?? -Infinity) + NOTICE_MS);
  }

  /** Pulls until the connection ends; gives why. */
  async #attempt(parent: Holder, begin: () => Publication, signal: AbortSignal): Promise<ClientError> {
    const { node } = parent;
    const { clients, clock } = this.#host;
    this.#parent = parent;
    try {
      const url = this.#plan.addressAt(node);
      await using client = await clients.for(url).pull(url, { signal, timeoutMs: ANSWER_MS });
      const publication = this.#publication ??= begin();
      this.#setFed(true);
      const reason = await this.#feed.read(client, {
        publication: () => publication,
        leave: () => this.#leave(node.id),
      });
      return reason ?? new ClientError("left", (await client.closed).message);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (error instanceof ClientError) return error;
      return new ClientError("error", errorText(error));
    } finally {
      this.#parent = undefined;
      this.#setFed(false);
      this.#benched.set(node.id, clock.now());
    }
  }

  #setFed(isFed: boolean): void {
    if (isFed === this.#isFed) return;
    this.#isFed = isFed;
    this.#host.onMove();
  }

  /** Why the node is to be left: there is a better one, or nothing comes any more. */
  #leave(node: string): ClientError | undefined {
    const { silentMs } = this.#feed;
    if (this.via.includes(this.#plan.id)) return new ClientError("moved", "it has the stream from this node by now");
    const mayLeave = silentMs >= STALL_MS || this.#host.view.node(node)?.isDraining;
    const other = mayLeave ? this.#choose(node) : undefined;
    if (silentMs >= SILENT_MS || (other && silentMs >= STALL_MS)) {
      return new ClientError("timeout", `nothing has come for ${(silentMs / 1000).toFixed(1)} s`);
    }
    if (!other || other.node.isDraining || other.held.state !== "live") return undefined;
    return new ClientError("moved", "it is being emptied");
  }

  /**
   * Whether the stream has ended for all, when a connection has ended as if it had: a process that is killed ends them like
   * that as well. It has when the node itself says so, and no other has the stream; a node on its way out does not count,
   * since the publisher will come back elsewhere.
   */
  async #hasEnded({ code }: ClientError, parent: string, signal: AbortSignal): Promise<boolean> {
    if (code !== "left" && !(code === NOT_FOUND && this.#publication)) return false;
    const { clock, view, refresh } = this.#host;
    const endedAt = clock.now();
    const until = endedAt + SETTLE_MS;
    while (clock.now() < until && !signal.aborted) {
      await refresh();
      const node = view.node(parent);
      if (!node || node.isDraining || this.#parents(parent).length > 0) return false;
      const holder = view.holders(this.#plan.stream).find(({ node: { id } }) => id === parent);
      if (!holder) return true;
      if (holder.heardAt > endedAt) return false;
      await this.#pause(ASK_MS, signal);
    }
    return signal.aborted;
  }

  /** Each trouble is said once, however often it is met. */
  #say(node: string, { message }: ClientError): void {
    const { stream } = this.#plan;
    const how = this.#publication ? "comes no more" : "cannot be had";
    const trouble = `${stream} ${how} from the node ${node}: ${message}`;
    if (trouble !== this.#said) this.#host.log.warn(trouble, { stream, node });
    this.#said = trouble;
  }

  /** Lets time go by, at most until what is waited for holds. */
  async #pause(ms: number, signal: AbortSignal, isEnough: () => boolean = () => false): Promise<void> {
    const over = Promise.withResolvers<void>();
    using _timer = this.#host.clock.setTimeout(over.resolve, ms);
    using _news = this.#host.view.onChange(() => isEnough() && over.resolve());
    using _stop = whenAborted(signal, over.resolve);
    await over.promise;
  }
}
