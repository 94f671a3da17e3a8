import type { Engine } from "./engine.ts";

/** How long a server may take until it answers, in milliseconds: slow machines take a few seconds. */
const PATIENCE_MS = 60_000;

/** How it is run by docker-compose.yml and by the manifests: nothing but its data may be written. */
const CONFINED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

const CLIP = "http://localhost:8501/live/demo.flv";

/**
 * Runs an image as it is meant to be run, without any network, and tries what it is for. Tells each thing that holds; throws
 * what does not.
 */
export class Trial implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #image: string;
  readonly #command: readonly string[];
  readonly #tell: (line: string) => void;
  readonly #server = `sluice-trial-${crypto.randomUUID().slice(0, 8)}`;
  readonly #encoder = `${this.#server}-encoder`;

  /** `command` is one with the clip of the demo; `tell` is given a line for each thing that holds. */
  constructor(engine: Engine, image: string, command: readonly string[], tell: (line: string) => void) {
    this.#engine = engine;
    this.#image = image;
    this.#command = command;
    this.#tell = tell;
  }

  /** Tries everything, in order. */
  async run(): Promise<void> {
    const volume = ["--volume", `${this.#server}:/data`];
    await this.#engine.tell(
      "run",
      "-d",
      "--name",
      this.#server,
      "--network",
      "none",
      ...CONFINED,
      ...volume,
      this.#image,
      ...this.#command,
    );
    await this.#untilHealthy("healthy without a network");
    await this.#confines();
    await this.#streams();
    await this.#survives();
    await this.#ends();
  }

  /** Removes the containers and the volume. */
  async [Symbol.asyncDispose](): Promise<void> {
    // One after the other: the first uses the network of the second.
    for (const name of [this.#encoder, this.#server]) await this.#engine.ask("rm", "--force", "--volumes", name);
    await this.#engine.ask("volume", "rm", this.#server);
  }

  async #untilHealthy(what: string): Promise<void> {
    const [image] = JSON.parse(await this.#engine.tell("image", "inspect", this.#image));
    const [, ...check]: string[] = (image.Config.Healthcheck ?? image.Healthcheck).Test;
    const since = performance.now();
    while ((await this.#inside(...check)).code !== 0) {
      if (performance.now() - since > PATIENCE_MS) throw new Error(`It is not healthy:\n${await this.#log()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    this.#tell(`${what} after ${seconds} s, with ${await this.#memory()} MB of memory`);
  }

  async #confines(): Promise<void> {
    const { out: user } = await this.#inside("id", "-u");
    if (!/^[1-9]\d*$/.test(user)) throw new Error(`It runs as the user ${user}`);
    for (const path of ["/usr/local/bin/x", "/var/cache/sluice/x"]) {
      if ((await this.#inside("touch", path)).code === 0) throw new Error(`${path} can be written`);
    }
    this.#tell(`runs as the user ${user}, and writes to its data alone`);
  }

  async #streams(): Promise<void> {
    const target = "rtmp://localhost:1935/live/cam";
    await this.#engine.tell("run", "-d", "--name", this.#encoder, ...this.#beside(), "forward", CLIP, target);
    for (const address of ["live/cam.flv", "hls/live/cam/index.m3u8"]) {
      const pull = ["pull", `http://localhost:8501/${address}`, "/data/cam.mp4", "--seconds", "2", "--json"];
      const lines = await this.#engine.tell("run", "--rm", ...this.#beside(), ...pull);
      const { packets } = JSON.parse(lines.split("\n").at(-1)!);
      if (!(packets > 20)) throw new Error(`/${address} gives ${packets} packets in 2 s`);
      this.#tell(`published over RTMP, played from /${address}: ${packets} packets in 2 s`);
    }
  }

  /** What a crash leaves must not keep the next start from the same data. */
  async #survives(): Promise<void> {
    await this.#engine.tell("kill", "--signal", "KILL", this.#server);
    await this.#engine.tell("wait", this.#server);
    await this.#engine.tell("start", this.#server);
    await this.#untilHealthy("killed and started again: healthy");
  }

  async #ends(): Promise<void> {
    const since = performance.now();
    await this.#engine.tell("stop", "-t", "10", this.#server);
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    const code = await this.#engine.tell("inspect", "--format", "{{.State.ExitCode}}", this.#server);
    if (code !== "0") throw new Error(`It ends with ${code}:\n${await this.#log()}`);
    const look = ["--volumes-from", this.#server, "--entrypoint", "find", this.#image];
    const files = await this.#engine.tell("run", "--rm", "--network", "none", ...look, "/data", "-size", "+0");
    for (const name of ["flv/live/demo/index.flv", "mp4/live/demo/output_merge/stream_full.mp4"]) {
      if (!files.includes(`/data/${name}`)) throw new Error(`${name} is not there:\n${files}`);
    }
    this.#tell(`ended by SIGTERM with 0 after ${seconds} s, recordings complete`);
  }

  #inside(...command: readonly string[]): ReturnType<Engine["ask"]> {
    return this.#engine.ask("exec", this.#server, ...command);
  }

  /** The options of a container that has the network of the server. */
  #beside(): string[] {
    return ["--network", `container:${this.#server}`, this.#image];
  }

  /** The memory of the server's process, in MB. */
  async #memory(): Promise<number> {
    const { out } = await this.#inside("cat", "/proc/1/status");
    return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(out)![1]) / 1000);
  }

  async #log(): Promise<string> {
    const { out, err } = await this.#engine.ask("logs", "--tail", "20", this.#server);
    return `${out}\n${err}`;
  }
}
