import type { PluginContext } from "../../../kernel/plugin/plugin.ts";

/** What the sinks of this server are writing just now. */
export class WrittenFiles {
  /** The sink and the stream, by the path below the data directory. */
  readonly #writers = new Map<string, string>();

  constructor(ctx: Pick<PluginContext, "on">) {
    ctx.on("artifact:open", ({ path, by, stream }) => void this.#writers.set(slashed(path), writer(by, stream)));
    ctx.on("artifact:complete", ({ path }) => void this.#writers.delete(slashed(path)));
    ctx.on("artifact:remove", ({ path }) => void this.#writers.delete(slashed(path)));
    ctx.on("artifact:fail", ({ by, stream }) => {
      for (const [path, known] of this.#writers) if (known === writer(by, stream)) this.#writers.delete(path);
    });
  }

  /** Says whether a file, named by its path below the data directory, is being written. */
  has(path: string): boolean {
    return this.#writers.has(path);
  }
}

function writer(by: string, stream: string): string {
  return `${by} ${stream}`;
}

/** Paths of the system have other separators on Windows. */
function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
