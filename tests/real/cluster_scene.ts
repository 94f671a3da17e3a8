import { bannerPorts, type Program } from "../support/program.ts";
import { findCommand, REDIS } from "../setup.ts";
import type { Machine } from "./node_network.ts";

const TOKEN = "token-of-the-nodes-under-test";

/** A Redis that keeps nothing, on a machine of its own. */
export class RedisProgram {
  readonly address: string;
  readonly machine: Machine;
  readonly #port: number;
  #program?: Program;

  constructor(machine: Machine) {
    this.machine = machine;
    this.#port = machine.port();
    this.address = `redis://${machine.host}:${this.#port}`;
  }

  /** Starts it, empty. */
  async start(): Promise<void> {
    const command = findCommand(REDIS);
    if (!command) throw new Error(`None of ${REDIS.join(", ")} is on PATH`);
    const options = ["--bind", this.machine.host, "--port", `${this.#port}`, "--protected-mode", "no", "--save", ""];
    this.#program = this.machine.start(command, [
      ...options,
      "--appendonly",
      "no",
      "--dir",
      Deno.build.os === "windows" ? "." : "/tmp",
    ]);
    await this.#program.until(/ready to accept connections/i);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#program?.kill("SIGKILL");
    await this.#program?.over();
  }
}

/** What a node says of a stream of the cluster. */
export interface SeenStream {
  readonly stream: string;
  readonly nodes: readonly { readonly node: string; readonly kind: string; readonly via: readonly string[] }[];
}

/** A node as its operator has it: a process on a machine. */
export class NodeProgram {
  readonly id: string;
  readonly machine: Machine;
  readonly #http: number;
  readonly #rtmp: number;
  readonly #env: Readonly<Record<string, string>>;
  program!: Program;

  constructor(machine: Machine, redis: string, dataDir: string, env: Readonly<Record<string, string>> = {}) {
    this.id = machine.name;
    this.machine = machine;
    this.#http = machine.port();
    this.#rtmp = machine.port();
    this.#env = {
      NO_COLOR: "1",
      SLUICE_DATA_DIR: dataDir,
      SLUICE_API_TOKEN: TOKEN,
      SLUICE_CLUSTER_ID: this.id,
      SLUICE_CLUSTER_REDIS: redis,
      SLUICE_CLUSTER_ADDRESS: `http://${machine.host}:${this.#http}`,
      ...env,
    };
  }

  /** Starts it, or starts it anew after it was killed. */
  async start(): Promise<void> {
    const { host } = this.machine;
    const ports = [
      `--http-host=${host}`,
      `--http-port=${this.#http}`,
      `--rtmp-host=${host}`,
      `--rtmp-port=${this.#rtmp}`,
    ];
    const args = ["run", "-A", "--no-check", "server.ts", "start", "--plugins=cluster,rtmp,http-flv,api", ...ports];
    this.program = this.machine.start(Deno.execPath(), args, { env: this.#env });
    await bannerPorts(this.program);
  }

  /** Ends it at once, as a loss of power does. */
  async kill(): Promise<void> {
    this.program.kill("SIGKILL");
    await this.program.over();
  }

  /** Where a stream is published. */
  publishAddress(stream: string): string {
    return `rtmp://${this.machine.host}:${this.#rtmp}/${stream}`;
  }

  /** Where a stream is played. */
  playAddress(stream: string): string {
    return `http://${this.machine.host}:${this.#http}/${stream}.flv`;
  }

  /** Asks its API. */
  async api(path: string, method = "GET", body?: unknown): Promise<unknown> {
    const answer = await fetch(`http://${this.machine.host}:${this.#http}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** The nodes that a stream comes through to this one; undefined when it does not come. */
  async viaOf(stream: string): Promise<readonly string[] | undefined> {
    const { items } = await this.api("/cluster/streams") as { items: readonly SeenStream[] };
    return items.find((item) => item.stream === stream)?.nodes.find(({ node }) => node === this.id)?.via;
  }
}
