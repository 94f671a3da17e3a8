import { flagMeanings, type Setting, suggestionText } from "../kernel/config/config.ts";
import { quoted } from "../kernel/names.ts";
import { type Command, type CommandFlag, type FlagKind, type FlagValue, type Program, UsageError } from "./command.ts";

/** The flags of every command. */
export const GENERAL_FLAGS: readonly CommandFlag[] = [
  { name: "help", short: "h", kind: "switch", description: "Show this help" },
  { name: "version", short: "V", kind: "switch", description: "Show the version" },
];

/** The flags of every command that uses settings. */
export const SETTINGS_FLAGS: readonly CommandFlag[] = [
  {
    name: "config",
    short: "c",
    kind: "text",
    value: "FILE",
    description: "Read settings from a JSON file, comments allowed",
  },
  { name: "check", kind: "switch", description: "Say whether the settings are valid, and start nothing" },
  { name: "print-config", kind: "switch", description: "Print the settings in force as JSON, and start nothing" },
  { name: "print-schema", kind: "switch", description: "Print a JSON Schema of the settings, for editors" },
];

/** A command line taken apart. */
export interface ParsedArgs {
  readonly flags: Readonly<Record<string, FlagValue | undefined>>;
  readonly args: readonly string[];
  /** Flags that are not known, as they were written. */
  readonly unknown: readonly string[];
}

/**
 * The command that the first argument names, and what follows it; without one, the program's first command.
 *
 * @throws {UsageError} when the argument names none
 */
export function chooseCommand(
  program: Program,
  args: readonly string[],
): { command: Command; rest: readonly string[] } {
  const [name, ...rest] = args;
  if (name === undefined || name.startsWith("-")) return { command: program.commands[0], rest: args };
  const command = program.commands.find((each) => each.name === name);
  if (command) return { command, rest };
  const names = program.commands.map((each) => each.name);
  throw new UsageError([`${quoted(name)} is not a command${suggestionText(name, names, names)}`]);
}

/** The kind of every flag that a command knows: its own, the general ones and, where it uses them, the settings. */
export function knownFlags(command: Command, settings: readonly Setting[]): Map<string, FlagKind> {
  const kinds = new Map<string, FlagKind>();
  for (const [name, { setting, bare }] of command.usesSettings ? flagMeanings(settings) : []) {
    kinds.set(name, bare !== undefined ? "switch" : setting.schema.type === "array" ? "list" : "text");
  }
  for (const { name, kind } of ownFlags(command)) kinds.set(name, kind);
  return kinds;
}

/** A command's own flags and the general ones, in the order of the help. */
export function ownFlags(command: Command): readonly CommandFlag[] {
  return [...command.flags, ...(command.usesSettings ? SETTINGS_FLAGS : []), ...GENERAL_FLAGS];
}

/** What can be no flag although it begins with a dash. */
const NEGATIVE_NUMBER = /^-\.?\d/;

/** Takes arguments apart: flags with their values, the rest, and the flags that are not known. */
export function parseFlags(
  args: readonly string[],
  command: Command,
  kinds: ReadonlyMap<string, FlagKind>,
): ParsedArgs {
  const own = new Set(ownFlags(command).map(({ name }) => name));
  const flags: Record<string, FlagValue> = {};
  const rest: string[] = [];
  const unknown = new Set<string>();
  const { before, behind } = atDashes(args, command);
  for (let at = 0; at < before.length; at++) {
    const arg = before[at];
    if (!isFlag(arg)) {
      rest.push(arg);
      continue;
    }
    const [written, name, inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(arg)!;
    const kind = written.startsWith("--") ? kinds.get(name) : undefined;
    if (kind === "switch") {
      flags[name] = own.has(name) ? switched(inline) : inline ?? true;
      continue;
    }
    const next = before[at + 1];
    const takesNext = inline === undefined && next !== undefined && !isFlag(next);
    if (takesNext) at++;
    const value = takesNext ? next : inline ?? true;
    if (kind) flags[name] = kind === "list" ? listed(flags[name], value) : value;
    else unknown.add(arg.split("=")[0]);
  }
  return { flags, args: [...rest, ...behind], unknown: [...unknown] };
}

/**
 * Looks whether a command can be followed.
 *
 * @throws {UsageError} for flags that are not known, switches with a value that is none, and arguments that nothing takes
 */
export function checkArgs(
  { flags, args, unknown }: ParsedArgs,
  command: Command,
  kinds: ReadonlyMap<string, FlagKind>,
): void {
  const names = [...kinds.keys()].map((name) => `--${name}`);
  const surplus = args.slice(command.maxArguments ?? 0);
  const problems = [
    ...ownFlags(command).flatMap(({ name, kind }) => kind === "switch" ? switchFault(name, flags[name]) : []),
    ...unknown.map((flag) => `${escaped(flag)} is not a known flag${suggestionText(flag, names)}`),
    ...surplus.map((arg) =>
      `${quoted(arg)} is one argument too many: ${command.name} takes ${command.usage || "none"}.`
    ),
  ];
  if (problems.length > 0) throw new UsageError(problems);
}

function switchFault(name: string, value: FlagValue | undefined): string[] {
  return typeof value === "string" ? [`--${name} is ${quoted(value)}, but must be true or false.`] : [];
}

/** What stands before "--", with the long names of flags, and what behind it. */
function atDashes(args: readonly string[], command: Command): Record<"before" | "behind", readonly string[]> {
  const longNames = new Map(ownFlags(command).flatMap(({ name, short }) => short ? [[`-${short}`, `--${name}`]] : []));
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  return { before: before.map((arg) => longNames.get(arg) ?? arg), behind: end < 0 ? [] : args.slice(end + 1) };
}

function isFlag(arg: string): boolean {
  return arg.startsWith("-") && arg !== "-" && !NEGATIVE_NUMBER.test(arg);
}

/** What a switch of a command is given; settings are read elsewhere. */
function switched(text = "true"): FlagValue {
  return text === "true" || text === "false" ? text === "true" : text;
}

/** A list with one value more; one whose value is missing is none. */
function listed(before: FlagValue | undefined, value: string | true): FlagValue {
  if (value === true || before === true) return true;
  return [...(before ?? []) as readonly string[], value];
}

function escaped(flag: string): string {
  return quoted(flag).slice(1, -1);
}
