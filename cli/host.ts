import { type Clock, systemClock } from "../kernel/clock.ts";

/** The signals that ask the server to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The signals that ask for something else: SIGHUP to read the settings anew, SIGUSR2 to be emptied and then stop. */
export type CareSignal = "SIGHUP" | "SIGUSR2";

/** What the command line needs of the machine; tests have their own. */
export interface Host {
  /** Without the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly clock: Clock;
  /** Writes a line of result. */
  out(line: string): void;
  /** Writes a line for the person at the terminal. */
  err(line: string): void;
  /** Shows a line of the moment in place of the one before, an empty one to take it away; absent without a terminal. */
  status?(line: string): void;
  /** Throws `Deno.errors.NotFound` and the like. */
  readTextFile(path: string): Promise<string>;
  /** Imports a module by URL. */
  importModule(url: string): Promise<unknown>;
  /** Calls back on a signal until disposed. */
  onSignal(signal: StopSignal | CareSignal, callback: () => void): Disposable;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** Width of text that no terminal limits, and the most that is pleasant to read. */
const MAX_COLUMNS = 110;

/** Goes to the beginning of the line and clears it (ECMA-48, 8.3.41). */
const CLEAR_LINE = "\r\x1b[K";

/** The machine. */
export function denoHost(): Host {
  return {
    ...(Deno.stderr.isTerminal() && { status: showStatus }),
    args: Deno.args,
    env: Deno.env.toObject(),
    cwd: Deno.cwd(),
    columns: terminalColumns(),
    clock: systemClock,
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    readTextFile: (path) => Deno.readTextFile(path),
    importModule: (url) => import(url),
    onSignal,
    exit: (code) => Deno.exit(code),
  };
}

function showStatus(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(CLEAR_LINE + line.slice(0, terminalColumns() - 1)));
}

function terminalColumns(): number {
  if (!Deno.stdout.isTerminal()) return MAX_COLUMNS;
  // Terminals that do not know how wide they are say 0.
  return Math.min(MAX_COLUMNS, Deno.consoleSize().columns || MAX_COLUMNS);
}

function onSignal(signal: StopSignal | CareSignal, callback: () => void): Disposable {
  // Windows knows few signals.
  if (Deno.build.os === "windows" && (signal === "SIGTERM" || signal === "SIGUSR2")) {
    return { [Symbol.dispose]: () => {} };
  }
  Deno.addSignalListener(signal, callback);
  return { [Symbol.dispose]: () => Deno.removeSignalListener(signal, callback) };
}
