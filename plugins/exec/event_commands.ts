import type { Clock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/error_text.ts";
import type { Logger } from "../../kernel/log/log.ts";
import { type Facts, filled, variables } from "./facts.ts";
import { ending } from "./ending.ts";
import type { Programs, RunningProgram } from "./programs.ts";
import type { CommandSettings } from "./settings.ts";

/** Commands that wait for their turn; more would mean that they will never catch up. */
const MAX_WAITING = 1000;

/** What running commands takes. */
export interface ExecDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly programs: Programs;
}

/** Runs commands once each, so many at a time. */
export class EventCommands implements AsyncDisposable {
  readonly #deps: ExecDeps;
  /** How many run at once. */
  concurrency = 1;
  readonly #running = new Set<RunningProgram>();
  readonly #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(deps: ExecDeps) {
    this.#deps = deps;
  }

  /** Runs a command as soon as it is its turn. */
  run(command: CommandSettings, facts: Facts): void {
    if (this.#isOver) return;
    if (this.#running.size < this.concurrency) this.#start(command, facts);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(() => this.#start(command, facts));
    else this.#deps.log.warn(`A command is left out: ${MAX_WAITING} wait already`, { command: command.run[0] });
  }

  /** Ends those that run; those that wait are left out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#waiting.length = 0;
    await Promise.all([...this.#running].map((program) => ending(program, this.#deps.clock)));
  }

  #start({ run, timeoutSeconds }: CommandSettings, facts: Facts): void {
    const { clock, log, programs } = this.#deps;
    let program: RunningProgram;
    try {
      program = programs.start(run.map((argument) => filled(argument, facts)), variables(facts));
    } catch (error) {
      log.error(errorText(error), { event: facts.event });
      return this.#next();
    }
    this.#running.add(program);
    const timer = timeoutSeconds > 0
      ? clock.setTimeout(() => {
        log.warn(`A command took longer than ${timeoutSeconds} s and is ended`, {
          command: run[0],
          event: facts.event,
        });
        void ending(program, clock);
      }, timeoutSeconds * 1000)
      : undefined;
    void program.ended.then((code) => {
      timer?.[Symbol.dispose]();
      this.#running.delete(program);
      if (code !== 0 && code !== null) {
        log.warn(`A command failed with code ${code}`, { command: run[0], event: facts.event });
      }
      this.#next();
    });
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#running.size < this.concurrency) this.#waiting.shift()?.();
  }
}
