import type { Clock } from "../../kernel/clock.ts";
import type { StreamRequest } from "../../kernel/plugin/hooks.ts";
import type { StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { nodeSessions } from "../shared/node_sessions.ts";
import { hopsOf } from "../shared/relay/hops.ts";
import { type Asker, idOf, playAddress } from "./addresses.ts";
import { ClusterSource } from "./cluster_source.ts";
import { HeldStreams } from "./held_streams.ts";
import { LoadMeter } from "./load_meter.ts";
import { Membership } from "./membership.ts";
import type { NodeSecrets } from "./node_secrets.ts";
import type { NodeReport, Role } from "./report.ts";
import type { ClusterSettings } from "./settings.ts";
import type { ClusterStore } from "./store.ts";
import { ClusterView } from "./view.ts";

/** What a node is made of. */
export interface NodeParts {
  readonly store: ClusterStore;
  /** What the nodes know each other by. */
  readonly secrets: NodeSecrets;
  /** How much of its processors the process has taken so far, in seconds. */
  cpuSeconds(): number;
}

/** A node that misses so many beats is taken for dead. */
const MISSED_BEATS = 3;

/** This server as one of several that know each other. */
export class ClusterNode implements AsyncDisposable {
  readonly id: string;
  readonly address: string;
  readonly view: ClusterView;
  readonly held: HeldStreams;
  readonly membership: Membership;
  readonly secrets: NodeSecrets;
  readonly asker: Asker;
  readonly #settings: ClusterSettings;
  readonly #ctx: PluginContext;
  readonly #load: LoadMeter;
  readonly #passed: WeakSet<Session>;
  #role: Role;
  #isStopping = false;
  #beat = 0;

  /** Of the settings all but the role, the name and the address may change by themselves. */
  constructor(ctx: PluginContext, settings: ClusterSettings, { store, secrets, cpuSeconds }: NodeParts) {
    const { clock, log } = ctx;
    const { address = "" } = settings;
    this.#ctx = ctx;
    this.#passed = nodeSessions(ctx);
    this.#settings = settings;
    this.id = settings.id ?? idOf(address);
    this.address = address;
    this.#role = settings.role;
    this.secrets = secrets;
    this.asker = { id: this.id, secrets };
    this.view = new ClusterView(this.id, clock, {
      get aliveMs() {
        return MISSED_BEATS * settings.beatSeconds * 1000 + 100;
      },
      get staleMs() {
        return settings.staleSeconds * 1000;
      },
    });
    this.held = new HeldStreams(ctx, this.view);
    this.#load = new LoadMeter(ctx, settings, cpuSeconds);
    this.membership = new Membership({
      clock,
      log,
      store,
      view: this.view,
      get beatMs() {
        return settings.beatSeconds * 1000;
      },
      report: () => this.report(),
    });
    ctx.on("server:start", () => this.membership.start());
    for (const name of ["stream:start", "stream:interrupt", "stream:resume", "stream:end", "server:drain"] as const) {
      ctx.on(name, () => this.membership.tell());
    }
    ctx.on("server:stop", () => {
      this.#isStopping = true;
      this.membership.tell();
    });
  }

  get clock(): Clock {
    return this.#ctx.clock;
  }

  /** Where players and publishers reach it. */
  get public(): readonly string[] {
    const { public: told } = this.#settings;
    return told.length > 0 ? told : publicOf(this.address);
  }

  get role(): Role {
    return this.#role;
  }

  /** Takes publishers, or viewers alone, from now on; who is there stays. */
  set role(role: Role) {
    if (role === this.#role) return;
    this.#role = role;
    this.#ctx.log.info(`This node takes ${role === "all" ? "publishers and viewers" : "viewers alone"} from now on`);
    this.membership.tell();
  }

  /** How this node is now. */
  report(): NodeReport {
    this.#beat = Math.max(this.#beat + 1, this.#ctx.clock.date().getTime());
    return {
      id: this.id,
      beat: this.#beat,
      address: this.address,
      public: this.public,
      role: this.#role,
      isDraining: this.#isStopping || this.#ctx.control.draining !== undefined,
      load: this.#load.load,
      streams: this.held.list(),
    };
  }

  /** Fetches a stream from the others, for a request that came through some of them; looks for it so long. */
  source(key: StreamKey, stream: string, hops: readonly string[], waitMs: number): ClusterSource {
    const { clients, clock, log } = this.#ctx;
    const { view, membership, asker, id, held } = this;
    const addressAt = ({ address }: NodeReport) => playAddress(address, key, hops, asker);
    return new ClusterSource({
      clients,
      clock,
      log,
      view,
      refresh: () => membership.refresh(),
      running: (source) => held.fetches(stream, source),
      onMove: () => membership.tell(),
    }, { id, stream, hops, waitMs, addressAt });
  }

  /** Whether a request comes from another node, as its pass has said. */
  isFromNode({ session }: Pick<StreamRequest, "session">): boolean {
    return this.#passed.has(session);
  }

  /**
   * The servers that a request has come through which is no other node's, as it says. None is of this cluster, whatever it
   * says: from those that are named a stream would not be fetched, for all who play it here.
   */
  hopsOf({ params }: Session): readonly string[] {
    return hopsOf(params).filter((id) => this.view.node(id) === undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#load[Symbol.dispose]();
    await this.membership[Symbol.asyncDispose]();
  }
}

/** Every port speaks every protocol. */
function publicOf(address: string): readonly string[] {
  const { host, protocol } = new URL(address);
  return [address, `${protocol === "https:" ? "rtmps" : "rtmp"}://${host}`];
}
