import { errorText } from "../../kernel/error_text.ts";
/** A program that was started. */
export interface RunningProgram {
  /** Settles when it has ended, with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Asks it to end, or has it end at once. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** Starts programs; injected, so that tests need none. */
export interface Programs {
  /** Throws an `Error` in words when the program cannot be started. */
  start(run: readonly string[], env: Readonly<Record<string, string>>): RunningProgram;
}

const NOT_ALLOWED = "Deno was started without --allow-run for it";

/** The machine's programs. What they write goes nowhere; they read nothing. */
export const systemPrograms: Programs = {
  start([program, ...args], env) {
    // To ask for it would stop the whole server until somebody at the terminal answers.
    const { state } = Deno.permissions.querySync({ name: "run", command: program });
    if (state !== "granted") throw new Error(`Cannot run "${program}": ${NOT_ALLOWED}`);
    try {
      const child = new Deno.Command(program, {
        args,
        env: { ...inherited(), ...env },
        clearEnv: true,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      return {
        ended: child.status.then(({ code, signal }) => signal === null ? code : null),
        kill: (signal) => {
          try {
            child.kill(signal);
          } catch {
            // It has just ended.
          }
        },
      };
    } catch (error) {
      throw new Error(`Cannot run "${program}": ${fault(error)}`, { cause: error });
    }
  },
};

/** The server's settings may hold secrets, and loaders' variables would need every permission there is. */
function inherited(): Record<string, string> {
  const all = Object.entries(Deno.env.toObject());
  return Object.fromEntries(all.filter(([name]) => !/^(SLUICE|LD|DYLD)_/.test(name)));
}

function fault(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return NOT_ALLOWED;
  if (error instanceof Deno.errors.NotFound) return "there is no such program";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not run it";
  return errorText(error);
}
