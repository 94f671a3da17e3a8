import { parseArgs } from "@std/cli/parse-args";
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

/** Takes arguments apart: flags with their values, the rest, and the flags that are not known. */
export function parseFlags(
  args: readonly string[],
  command: Command,
  kinds: ReadonlyMap<string, FlagKind>,
): ParsedArgs {
  const { rest, alone } = takeLoneFlags(withLongNames(args, command), kinds);
  const unknown = new Set<string>();
  const { _, ...valued } = parseArgs(rest, {
    string: [...namesOf(kinds, "text"), ...namesOf(kinds, "list"), "_"],
    collect: namesOf(kinds, "list"),
    unknown: (arg, key) => {
      if (key !== undefined) unknown.add(arg.split("=")[0]);
      return key === undefined;
    },
  });
  const given = Object.entries(valued).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  const flags = { ...Object.fromEntries(given) as Record<string, FlagValue>, ...alone };
  return { flags, args: _.map(String), unknown: [...unknown] };
}

/**
 * @throws {UsageError} for flags that are not known and arguments that nothing takes
 */
export function checkArgs({ args, unknown }: ParsedArgs, command: Command, kinds: ReadonlyMap<string, FlagKind>): void {
  const names = [...kinds.keys()].map((name) => `--${name}`);
  const surplus = args.slice(command.maxArguments ?? 0);
  const problems = [
    ...unknown.map((flag) => `${escaped(flag)} is not a known flag${suggestionText(flag, names)}`),
    ...surplus.map((arg) =>
      `${quoted(arg)} is one argument too many: ${command.name} takes ${command.usage || "none"}.`
    ),
  ];
  if (problems.length > 0) throw new UsageError(problems);
}

function withLongNames(args: readonly string[], command: Command): string[] {
  const longNames = new Map(ownFlags(command).flatMap(({ name, short }) => short ? [[`-${short}`, `--${name}`]] : []));
  const end = args.indexOf("--");
  return args.map((arg, at) => (end < 0 || at < end) && longNames.get(arg) || arg);
}

/**
 * Takes out the flags that stand alone: switches, which may have a value behind "=", and flags whose value is missing.
 * `parseArgs` would take any text for true, `--no-x=true` for `--x`, and a missing value for an empty one.
 */
function takeLoneFlags(args: readonly string[], kinds: ReadonlyMap<string, FlagKind>) {
  const rest: string[] = [];
  const alone: Record<string, FlagValue> = {};
  for (let at = 0; at < args.length && args[at] !== "--"; at++) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(args[at]) ?? [];
    const kind = kinds.get(name);
    const next = args[at + 1];
    if (kind === "switch") alone[name] = value ?? true;
    else if (kind && value === undefined && (next === undefined || next.startsWith("-"))) alone[name] = true;
    else rest.push(args[at]);
  }
  const end = args.indexOf("--");
  return { rest: end < 0 ? rest : [...rest, ...args.slice(end)], alone };
}

function namesOf(kinds: ReadonlyMap<string, FlagKind>, kind: FlagKind): string[] {
  return [...kinds].filter(([, each]) => each === kind).map(([name]) => name);
}

function escaped(flag: string): string {
  return quoted(flag).slice(1, -1);
}
