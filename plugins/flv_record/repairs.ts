import { join } from "@std/path";
import type { PluginContext } from "../../kernel/plugin.ts";
import { FLV_RECORD } from "./recording_names.ts";
import { repairRecording } from "./repair.ts";
import type { Mark } from "./unfinished.ts";

/** Completes, one after another, the recordings that could not be completed when they ended. */
export class Repairs {
  readonly #ctx: PluginContext;
  readonly #waiting: Mark[];
  #running?: Promise<void>;

  /** `left`: what an earlier run of the server has left. */
  constructor(ctx: PluginContext, left: readonly Mark[]) {
    this.#ctx = ctx;
    this.#waiting = [...left];
  }

  /** Another one, for the next time. */
  add(mark: Mark): void {
    this.#waiting.push(mark);
  }

  /** Sees to all that there are, and settles then; never rejects. What fails again waits for the next time. */
  run(): Promise<void> {
    return this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    const failed: Mark[] = [];
    for (let mark = this.#waiting.shift(); mark; mark = this.#waiting.shift()) {
      if (this.#ctx.signal.aborted) return;
      try {
        await this.#repair(mark);
      } catch (error) {
        if (this.#ctx.signal.aborted) return;
        failed.push(mark);
        const why = error instanceof Error ? error.message : String(error);
        this.#ctx.log.warn(`Cannot repair ${mark.path}, which broke off: ${why}`, { stream: mark.stream, error });
      }
    }
    this.#waiting.push(...failed);
  }

  async #repair(mark: Mark): Promise<void> {
    const { files, dataDir, log, signal } = this.#ctx;
    const { stream, path } = mark;
    const { bytes, seconds, tornBytes } = await repairRecording(files, join(dataDir, path), signal);
    await mark.clear();
    if (bytes === 0) return log.info(`Removed ${path}, which broke off before anything was recorded`, { stream });
    log.info(`Repaired ${path}, which broke off`, { stream, path, seconds, bytes, tornBytes });
    this.#ctx.tell("artifact:complete", { stream, by: FLV_RECORD, path, bytes, seconds });
  }
}
