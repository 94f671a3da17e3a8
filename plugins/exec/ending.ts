import type { Clock } from "../../kernel/clock.ts";
import type { RunningProgram } from "./programs.ts";

/** How long a program may take to end after it was asked to, in milliseconds. */
const ENDING_MS = 3000;

/** Asks a program to end, has it end when it does not, and settles when it has. */
export async function ending(program: RunningProgram, clock: Clock): Promise<void> {
  program.kill("SIGTERM");
  using _timer = clock.setTimeout(() => program.kill("SIGKILL"), ENDING_MS);
  await program.ended;
}
