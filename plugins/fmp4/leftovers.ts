import { join } from "@std/path";
import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Finisher } from "./finisher.ts";
import { UNFINISHED_FOLDER } from "./places.ts";
import { findRecordings, readFacts, type RecordingFacts } from "./recording_folder.ts";
import type { Sweeper } from "./sweeper.ts";

/** A recording that was not completed. */
interface Leftover {
  readonly folder: string;
  /** Undefined when nothing says what it is. */
  readonly facts: RecordingFacts | undefined;
}

/** What an earlier run of the server, or of the worker, has left of streams whose home is here. */
export class Leftovers {
  readonly #ctx: PluginContext;
  #found?: Promise<readonly Leftover[]>;

  constructor(ctx: PluginContext) {
    this.#ctx = ctx;
  }

  /** Notes which recordings are left, once: those that begin later are none of them. Never rejects. */
  find(): Promise<readonly Leftover[]> {
    return this.#found ??= this.#find().catch((error) => {
      this.#failed(error);
      return [];
    });
  }

  /** Ends what says that it is live, and has everything completed; a disk that cannot be read keeps nobody from going live. */
  async heal(sweeper: Sweeper, finisher: Finisher): Promise<void> {
    const found = await this.find();
    await sweeper.find().catch((error) => this.#failed(error));
    for (const { folder, facts } of found) {
      if (facts) this.#tell(facts);
      finisher.add(folder);
    }
  }

  async #find(): Promise<readonly Leftover[]> {
    const { files, dataDir, isHome, isMain } = this.#ctx;
    const found: Leftover[] = [];
    for (const folder of (await findRecordings(files, join(dataDir, UNFINISHED_FOLDER))).sort()) {
      const facts = await readFacts(files, folder);
      // What belongs to no stream is said in the main isolate.
      if (facts ? isHome(facts.stream) : isMain) found.push({ folder, facts });
    }
    return found;
  }

  #tell({ stream, startedAt }: RecordingFacts): void {
    const { log } = this.#ctx;
    log.warn(`The recording of ${stream} from ${startedAt} was not completed: completing it now`, { stream });
  }

  #failed(error: unknown): void {
    const why = errorText(error);
    this.#ctx.log.error(`Cannot look for recordings that were not completed: ${why}`, { error });
  }
}
