import { findCommand } from "../setup.ts";
import { freePort } from "../support/free_port.ts";
import { Program, type ProgramOptions } from "../support/program.ts";

/** A machine of a test's network: where it is reached, and how programs run on it. */
export interface Machine {
  readonly name: string;
  readonly host: string;
  /** A port that is free there. */
  port(): number;
  start(command: string, args: readonly string[], options?: ProgramOptions): Program;
  /** Cuts it off without a word, or lets it back. */
  setReachable(isReachable: boolean): Promise<void>;
}

/** Machines between which links can be cut. */
export interface NodeNetwork extends AsyncDisposable {
  /** What it is, in words for whoever reads what a test has measured. */
  readonly what: string;
  add(name: string): Promise<Machine>;
}

/** Network namespaces where they can be had, which takes Linux and its administrator; else processes on one machine. */
export async function openNetwork(): Promise<NodeNetwork> {
  const mayTry = Deno.build.os === "linux" && Deno.uid() === 0 && findCommand(["ip"]);
  const network = mayTry ? await Namespaces.open() : undefined;
  return network ?? new OneMachine();
}

/** A network in 198.18.0.0/15, which is for tests (RFC 2544): a bridge, and a namespace with a cable to it for each machine. */
class Namespaces implements NodeNetwork {
  readonly what = "network namespaces";
  readonly #tag: string;
  readonly #subnet: string;
  readonly #machines: string[] = [];

  private constructor(tag: string) {
    this.#tag = tag;
    this.#subnet = `198.18.${Deno.pid % 256}`;
  }

  /** Undefined where it is not allowed, as in many containers. */
  static async open(): Promise<Namespaces | undefined> {
    const network = new Namespaces(`slu${(Deno.pid % 46_656).toString(36)}`);
    try {
      await network.#ip(`link add ${network.#tag} type bridge`);
      await network.#ip(`addr add ${network.#subnet}.254/24 dev ${network.#tag}`);
      await network.#ip(`link set ${network.#tag} up`);
      const probe = await network.add("probe");
      await Program.start("ip", ["netns", "exec", network.#namespace(probe.name), "ip", "link"]).over();
      return network;
    } catch {
      await network[Symbol.asyncDispose]();
      return undefined;
    }
  }

  async add(name: string): Promise<Machine> {
    const at = this.#machines.push(name);
    const [namespace, cable, host] = [this.#namespace(name), `${this.#tag}v${at}`, `${this.#subnet}.${at}`];
    await this.#ip(`netns add ${namespace}`);
    await this.#ip(`link add ${cable} type veth peer name eth0 netns ${namespace}`);
    await this.#ip(`link set ${cable} master ${this.#tag} up`);
    await this.#ip(`-n ${namespace} addr add ${host}/24 dev eth0`);
    for (const each of ["lo", "eth0"]) await this.#ip(`-n ${namespace} link set ${each} up`);
    let ports = 8500;
    return {
      name,
      host,
      port: () => ++ports,
      start: (command, args, options) => Program.start("ip", ["netns", "exec", namespace, command, ...args], options),
      setReachable: (isReachable) => this.#ip(`link set ${cable} ${isReachable ? "up" : "down"}`),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [i, name] of this.#machines.entries()) {
      await this.#ip(`link del ${this.#tag}v${i + 1}`).catch(() => {});
      await this.#ip(`netns del ${this.#namespace(name)}`).catch(() => {});
    }
    await this.#ip(`link del ${this.#tag}`).catch(() => {});
  }

  #namespace(name: string): string {
    return `${this.#tag}-${name}`;
  }

  async #ip(command: string): Promise<void> {
    const { success, stderr } = await new Deno.Command("ip", { args: command.split(" ") }).output();
    if (!success) throw new Error(`ip ${command}: ${new TextDecoder().decode(stderr)}`);
  }
}

/** No network at all: who is cut off is held up. */
class OneMachine implements NodeNetwork {
  readonly what = "processes on one machine, which are held up where links should be cut";

  add(name: string): Promise<Machine> {
    let program: Program | undefined;
    return Promise.resolve({
      name,
      host: "127.0.0.1",
      port: freePort,
      start: (command, args, options) => program = Program.start(command, args, options),
      setReachable: (isReachable) => Promise.resolve(program?.kill(isReachable ? "SIGCONT" : "SIGSTOP")),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
