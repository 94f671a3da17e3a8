import { join } from "@std/path";
import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { FLV_RECORD } from "./recording_names.ts";
import { repairRecording } from "./repair.ts";
import type { Mark, Unfinished } from "./unfinished.ts";

/** Completes, one after another, the recordings that could not be completed when they ended. */
export class Repairs {
  readonly #ctx: PluginContext;
  readonly #unfinished: Unfinished;
  #waiting: Mark[] = [];
  #hasLooked = false;
  #running?: Promise<void>;

  constructor(ctx: PluginContext, unfinished: Unfinished) {
    this.#ctx = ctx;
    this.#unfinished = unfinished;
  }

  /** Another one, for the next time. */
  add(mark: Mark): void {
    this.#waiting.push(mark);
  }

  /**
   * Sees to all that there are, the first time also to what an earlier run of the server, or of the worker, has left, and settles then; never
   * rejects. What fails waits for the next time.
   */
  run(): Promise<void> {
    return this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    const marks = [...await this.#left(), ...this.#waiting];
    this.#waiting = [];
    for (const mark of marks) {
      if (!this.#ctx.signal.aborted) await this.#repair(mark).catch((error) => this.#failed(mark, error));
    }
  }

  /** A disk that cannot be read keeps nobody from watching. */
  async #left(): Promise<readonly Mark[]> {
    if (this.#hasLooked || this.#ctx.signal.aborted) return [];
    try {
      const left = await this.#unfinished.left();
      this.#hasLooked = true;
      return left;
    } catch (error) {
      const why = errorText(error);
      this.#ctx.log.error(`Cannot look for recordings that broke off: ${why}`, { error });
      return [];
    }
  }

  #failed(mark: Mark, error: unknown): void {
    if (this.#ctx.signal.aborted) return;
    this.#waiting.push(mark);
    const why = errorText(error);
    this.#ctx.log.warn(`Cannot repair ${mark.path}, which broke off: ${why}`, { stream: mark.stream, error });
  }

  async #repair(mark: Mark): Promise<void> {
    const { files, dataDir, log, signal } = this.#ctx;
    const { stream, path, scratch } = mark;
    await files.remove(join(dataDir, scratch));
    const { bytes, seconds, tornBytes } = await repairRecording(files, join(dataDir, path), signal);
    await mark.clear();
    if (bytes === 0) return log.info(`Removed ${path}, which broke off before anything was recorded`, { stream });
    log.info(`Repaired ${path}, which broke off`, { stream, path, seconds, bytes, tornBytes });
    this.#ctx.tell("artifact:complete", { stream, by: FLV_RECORD, path, bytes, seconds });
  }
}
