import { parseArgs } from "@std/cli/parse-args";

/** One option of a program: a number, a switch, or a text, which may have to be one of a few. */
export type ProgramOption =
  | { readonly what: string; readonly least: number; readonly otherwise: number }
  | { readonly what: string; readonly otherwise: false }
  | { readonly what: string; readonly otherwise?: string; readonly known?: readonly string[] };

/** The options of a program by their names, without dashes. */
export type ProgramOptions = Readonly<Record<string, ProgramOption>>;

/** What options were given, or are otherwise. */
export type OptionValues<Options extends ProgramOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends { otherwise: number } ? number
    : Options[Name] extends { otherwise: false } ? boolean
    : Options[Name] extends { otherwise: string } ? string
    : string | undefined;
};

/** What a program is, and takes. */
export interface ProgramUse<Options extends ProgramOptions> {
  /** One sentence. */
  readonly about: string;
  readonly options: Options;
  /** Options that may also be given by their place, in this order. */
  readonly places?: readonly (keyof Options & string)[];
}

/** The exit code of a command line that cannot be followed. */
const EXIT_USAGE = 2;

/** What the command line of this process says; prints help where that is asked for, and the fault of a wrong one, and ends the process. */
export function programOptions<Options extends ProgramOptions>(use: ProgramUse<Options>): OptionValues<Options> {
  return followed(Deno.args, helpOf(use), (args) => readOptions(args, use));
}

/** What `read` makes of a command line. Help is printed instead where it is asked for, and a fault; both end the process. */
export function followed<T>(args: readonly string[], help: string, read: (args: readonly string[]) => T): T {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help);
    Deno.exit();
  }
  try {
    return read(args);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    Deno.exit(EXIT_USAGE);
  }
}

/**
 * Reads a command line.
 *
 * @throws {RangeError} in a sentence, when an option is unknown or wrong
 */
export function readOptions<Options extends ProgramOptions>(
  args: readonly string[],
  { options, places = [] }: ProgramUse<Options>,
): OptionValues<Options> {
  const names = Object.keys(options);
  const { _, ...given } = parseArgs([...args], {
    string: [...names.filter((name) => options[name].otherwise !== false), "_"],
    boolean: names.filter((name) => options[name].otherwise === false),
    unknown: (argument, key) => key === undefined || refuse(argument, "--help lists what is known"),
  }) as Record<string, string | boolean | undefined> & { readonly _: readonly string[] };
  if (_.length > places.length) refuse(_[places.length], "--help lists what is known");
  const byPlace = Object.fromEntries(_.map((value, at) => [places[at], value]));
  return Object.fromEntries(
    names.map((name) => [name, valueOf(name, options[name], given[name] ?? byPlace[name])]),
  ) as OptionValues<Options>;
}

/** What `--help` prints. */
export function helpOf<Options extends ProgramOptions>({ about, options, places = [] }: ProgramUse<Options>): string {
  const rows = Object.entries(options).map(([name, option]) => [termOf(name, option), option.what]);
  const width = Math.max(0, ...rows.map(([term]) => term.length));
  const byPlace = places.length > 0 ? ["", `Without their names: ${places.join(" ").toUpperCase()}`] : [];
  const none = rows.length === 0 ? ["It takes no options."] : [];
  return [about, "", ...none, ...rows.map(([term, what]) => `  ${term.padEnd(width)}  ${what}`), ...byPlace].join("\n");
}

function termOf(name: string, option: ProgramOption): string {
  if (option.otherwise === false) return `--${name}`;
  return `--${name} ${option.otherwise ?? "TEXT"}`;
}

function valueOf(name: string, option: ProgramOption, given: string | boolean | undefined): unknown {
  if (given === undefined || option.otherwise === false) return given ?? option.otherwise;
  const text = String(given);
  if (text === "") throw new RangeError(`--${name} is missing its value`);
  if ("least" in option) return numberOf(name, text, option.least);
  if (!option.known || option.known.includes(text)) return text;
  throw new RangeError(`--${name} is "${text}": it must be one of ${option.known.join(", ")}`);
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= least) return value;
  throw new RangeError(`--${name} is "${text}": it must be a number, ${least} or more`);
}

function refuse(argument: string, hint: string): never {
  throw new RangeError(`This program does not know ${argument}: ${hint}`);
}
