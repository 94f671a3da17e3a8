import type { Timer } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import { ending } from "./ending.ts";
import type { ExecDeps } from "./event_commands.ts";
import { type Facts, filled, variables } from "./facts.ts";
import type { RunningProgram } from "./programs.ts";
import type { CommandSettings } from "./settings.ts";

/** The first pause before a program that ended is started again, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** A program that ran for so long was well: after it the pauses begin anew. */
const WELL_MS = 60_000;

/** A program that runs along with one stream, and is started again when it ends before it. */
export class Companion implements AsyncDisposable {
  readonly #deps: ExecDeps;
  readonly #command: CommandSettings;
  readonly #facts: Facts;
  #program?: RunningProgram;
  #pause?: Timer;
  #pauseMs = FIRST_PAUSE_MS;
  #isOver = false;

  constructor(command: CommandSettings, facts: Facts, deps: ExecDeps) {
    this.#command = command;
    this.#facts = facts;
    this.#deps = deps;
    this.#start();
  }

  /** Ends the program, and settles when it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#pause?.[Symbol.dispose]();
    if (this.#program) await ending(this.#program, this.#deps.clock);
  }

  #start(): void {
    const { clock, log, programs } = this.#deps;
    const { stream } = this.#facts;
    const [name] = this.#command.run;
    const since = clock.now();
    try {
      this.#program = programs.start(
        this.#command.run.map((each) => filled(each, this.#facts)),
        variables(this.#facts),
      );
    } catch (error) {
      log.error(errorText(error), { stream });
      return this.#rest(since);
    }
    void this.#program.ended.then((code) => {
      this.#program = undefined;
      if (this.#isOver) return;
      this.#rest(since);
      const how = code === null ? "by a signal" : `with code ${code}`;
      log.warn(`A command that runs along with ${stream} ended ${how}: it is started again`, { command: name, stream });
    });
  }

  #rest(since: number): void {
    const { clock } = this.#deps;
    if (clock.now() - since >= WELL_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#pause = clock.setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }
}
