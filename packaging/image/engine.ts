/** What a program said, and its exit code. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The programs that build and run images; both take the commands that are used here. */
const ENGINES: readonly string[] = ["docker", "podman"];

/** Docker or Podman, by its command line. */
export class Engine {
  /** `docker` or `podman`. */
  readonly name: string;

  /** Does not look whether the program is there: {@linkcode Engine.find} does. */
  constructor(name: string) {
    this.name = name;
  }

  /** The first of the engines that answers. Throws when none does. */
  static async find(): Promise<Engine> {
    for (const engine of ENGINES.map((name) => new Engine(name))) {
      if (await engine.#answers()) return engine;
    }
    throw new Error(`Images are built with ${ENGINES.join(" or ")}: neither runs here`);
  }

  /** Runs a command and gives what it said, whatever its exit code. */
  async ask(...args: readonly string[]): Promise<Said> {
    const { code, stdout, stderr } = await new Deno.Command(this.name, { args: [...args], stdin: "null" }).output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout).trim(), err: decoder.decode(stderr).trim() };
  }

  /** Runs a command and gives its output. Throws with its words when it fails. */
  async tell(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.ask(...args);
    if (code !== 0) throw new Error(`${this.name} ${args.join(" ")} failed:\n${err || out}`);
    return out;
  }

  /** Builds an image of a folder; its steps are shown. Throws when it fails. */
  async build(tag: string, folder: string, ...options: readonly string[]): Promise<void> {
    // Podman's own form of images knows no check of health.
    const form = this.name === "podman" ? ["--format", "docker"] : [];
    const args = ["build", ...form, "--tag", tag, ...options, folder];
    const { success } = await new Deno.Command(this.name, { args, stdin: "null" }).spawn().status;
    if (!success) throw new Error(`${this.name} cannot build ${tag}`);
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.ask("ps")).code === 0;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}
