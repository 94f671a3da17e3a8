import type { OwnParts } from "../../plugins/cluster/set_up.ts";
import { FakeStore, testNode } from "../../plugins/cluster/testing.ts";
import type { ClusterSettings } from "../../plugins/cluster/settings.ts";
import type { Plugin } from "../../kernel/plugin/plugin.ts";
import { DEFAULTS, TestServer } from "../support/test_server.ts";
import { freePort } from "../support/free_port.ts";
import { patiently } from "../support/patience.ts";
import { turn } from "../support/eventually.ts";

const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** What a node of a test is like. */
export interface NodeOptions {
  readonly settings?: Partial<ClusterSettings>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Behind the cluster's plugin. */
  readonly plugins?: readonly Plugin[];
  /** Behind the protocols. */
  readonly late?: readonly Plugin[];
  /** How many workers it has; by default it is one isolate. */
  readonly workers?: number;
  /** How much of its processors it has taken so far, in seconds; by default none. */
  readonly cpuSeconds?: () => number;
  /** Whether it knows the others by the list in its settings, instead of the store. */
  readonly isListed?: boolean;
}

/** Several servers in one process that know each other by a store in memory; their time stands still until the test moves it. */
export class TestCluster implements AsyncDisposable {
  readonly #stores = new Map<string, FakeStore>();
  readonly #nodes = new Map<string, TestServer>();
  readonly #ports = new Map<string, number>();

  /** The store that nodes know each other by unless their settings say otherwise. */
  get store(): FakeStore {
    return this.storeAt(STORE);
  }

  /** The store that settings mean by an address. */
  storeAt(address: string): FakeStore {
    const store = this.#stores.get(address) ?? new FakeStore();
    this.#stores.set(address, store);
    return store;
  }

  /** The addresses that these nodes are going to have. */
  reserve(...ids: string[]): string[] {
    return ids.map((id) => {
      const port = freePort();
      this.#ports.set(id, port);
      return `http://127.0.0.1:${port}`;
    });
  }

  /** Starts a node, and lets all hear of it. */
  async start(id: string, options: NodeOptions = {}): Promise<TestServer> {
    const { plugins = [], late = [], workers, cpuSeconds = () => 0 } = options;
    if (!this.#ports.has(id)) this.reserve(id);
    const openStore: OwnParts["openStore"] = ({ redis }, secrets) =>
      redis === undefined ? undefined : this.storeAt(redis).open(secrets, redis === STORE ? undefined : redis);
    const cluster = testNode({ openStore, cpuSeconds });
    const node = await TestServer.start({
      plugins: [cluster, ...plugins],
      late,
      workers,
      config: this.#config(id, options),
    });
    this.#nodes.set(id, node);
    await this.pass(1000);
    return node;
  }

  /** Gives a node that runs other settings; says which it could not take. */
  async reload(id: string, options: NodeOptions): Promise<readonly string[]> {
    return (await this.#nodes.get(id)!.server.reload({ ...DEFAULTS, ...this.#config(id, options) })).restart;
  }

  #config(id: string, { settings = {}, config = {}, isListed = false }: NodeOptions): Record<string, unknown> {
    const port = this.#ports.get(id)!;
    const store = isListed ? {} : { redis: STORE };
    const cluster = { id, address: `http://127.0.0.1:${port}`, ...store, ...settings };
    return { ...LONG, ...config, http: { host: "127.0.0.1", port }, cluster };
  }

  /** Time goes on at all nodes; what needs no more than that happens. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      for (const { clock } of this.#nodes.values()) clock.advance(Math.min(STEP_MS, left));
      await turn();
    }
  }

  /** Lets time go by until something holds, however long the machine takes for it. */
  async until(condition: () => boolean, what: string): Promise<void> {
    let isOver = false;
    const holds = async () => {
      while (!isOver && !condition()) await this.pass(STEP_MS);
    };
    try {
      await patiently(holds(), () => what);
    } finally {
      isOver = true;
    }
  }

  /** Lets time go by until something has happened. */
  async whilePassing<T>(promise: Promise<T>, what: string): Promise<T> {
    let isSettled = false;
    promise.finally(() => isSettled = true).catch(() => {});
    await this.until(() => isSettled, what);
    return await promise;
  }

  /** A node stops in order. */
  async stop(id: string): Promise<void> {
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    await node?.[Symbol.asyncDispose]();
  }

  /** A node dies: its connections break, and nothing more is heard of it. */
  async kill(id: string): Promise<void> {
    this.store.kill(id);
    await this.stop(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes.values()) await node[Symbol.asyncDispose]();
  }
}

/** An address of a store that is none, so that one can be told from another. */
const STORE = "redis://store";

/** So much time goes by between two looks. */
const STEP_MS = 50;
