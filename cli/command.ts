import type { PluginDeclaration, ResolvedConfig } from "../kernel/config/config.ts";
import type { Plugin } from "../kernel/plugin/plugin.ts";
import type { Host } from "./host.ts";

/** Exit code of what was understood and failed. */
export const EXIT_FAILURE = 1;

/** Exit code of a command line or configuration that cannot be followed. */
export const EXIT_USAGE = 2;

/** A plugin as the command line knows it: with its path when it is not one of Sluice's own. */
export type CliPlugin = Plugin & Pick<PluginDeclaration, "from" | "enabledByDefault">;

/** How a flag is given: alone, with a value, or with a value as often as one likes. */
export type FlagKind = "switch" | "text" | "list";

/** What a flag was given: of a switch true, false or a text that is neither; true for a missing value. */
export type FlagValue = string | boolean | readonly string[];

/** A flag of a command; settings are not listed, they are flags of every command that uses them. */
export interface CommandFlag {
  /** Without dashes, in kebab case. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  readonly kind: FlagKind;
  /** What a value is called in the help: FILE, SECONDS. */
  readonly value?: string;
  readonly description: string;
}

/** Where settings come from, to be read anew. */
export interface SettingsSources {
  /**
   * Reads all of them again; `text` stands for the configuration file.
   *
   * @throws {ConfigError} when they cannot be followed
   */
  read(text?: string): Promise<ResolvedConfig<CliPlugin>>;
  /** The content of the files that settings are in, as one text that is another one when they change. */
  content(): Promise<string>;
}

/** What a command is given. */
export interface CommandContext {
  readonly host: Host;
  readonly program: Program;
  /** What stands behind the command and is no flag. */
  readonly args: readonly string[];
  /** The command's own flags, by name, where given. */
  readonly flags: Readonly<Record<string, FlagValue | undefined>>;
  /** The settings in force; undefined for a command that uses none. */
  readonly settings?: ResolvedConfig<CliPlugin>;
  /** The settings' sources; undefined for a command that uses none. */
  readonly sources?: SettingsSources;
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What follows the command, flags apart: `FILE URL`. */
  readonly usage: string;
  /** How many arguments may follow; none unless said otherwise. */
  readonly maxArguments?: number;
  readonly flags: readonly CommandFlag[];
  /** True when the server's settings, its files and variables count for this command. */
  readonly usesSettings: boolean;
  /** Settings that this command has other defaults for. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Resolves to the exit code. Throws {@linkcode UsageError} when the command is given wrongly. */
  run(context: CommandContext): Promise<number>;
}

/** The whole command line. */
export interface Program {
  /** As people type it. */
  readonly name: string;
  readonly version: string;
  /** The first runs when none is named. */
  readonly commands: readonly Command[];
  /** The full set of plugins, in order, and those that run only when named. */
  readonly plugins: readonly CliPlugin[];
}

/** A command line that cannot be followed; one sentence for each problem. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}
