import {
  ConfigError,
  configJsonSchema,
  type ConfigSources,
  describeConfig,
  explainConfig,
  parseConfigText,
  printConfig,
  resolveConfig,
  type ResolvedConfig,
  type Setting,
} from "../kernel/config/config.ts";
import { checkArgs, chooseCommand, knownFlags, ownFlags, type ParsedArgs, parseFlags } from "./args.ts";
import {
  type CliPlugin,
  type Command,
  EXIT_FAILURE,
  EXIT_USAGE,
  type FlagValue,
  type Program,
  type SettingsSources,
  UsageError,
} from "./command.ts";
import { commandHelp, programHelp } from "./help.ts";
import type { Host } from "./host.ts";
import { withPluginModules } from "./plugin_modules.ts";
import { readSettingsFiles, readSettingsTexts } from "./settings.ts";

/** Runs the program; resolves to its exit code, having said on the standard error output why it is not 0. */
export async function main(program: Program, host: Host): Promise<number> {
  try {
    return await dispatch(program, host);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigError) {
      for (const problem of error.problems) host.err(problem);
      return EXIT_USAGE;
    }
    host.err(error instanceof Error ? `${program.name}: ${error.message}` : String(error));
    return EXIT_FAILURE;
  }
}

async function dispatch(program: Program, host: Host): Promise<number> {
  const args = host.args[0] === "help" ? [...host.args.slice(1), "--help"] : host.args;
  const { command, rest } = chooseCommand(program, args);
  const known = describeConfig(program.plugins);
  const kinds = knownFlags(command, known);
  const parsed = parseFlags(rest, command, kinds);
  if (parsed.flags.help) return answer(host, help(program, host, rest === args ? undefined : command, known));
  if (parsed.flags.version) return answer(host, `${program.name} ${program.version}`);
  if (command.usesSettings) return await runWithSettings(program, host, command, rest, parsed);
  checkArgs(parsed, command, kinds);
  return await command.run({ program, host, args: parsed.args, flags: parsed.flags });
}

function help(program: Program, host: Host, command: Command | undefined, settings: readonly Setting[]): string {
  return command ? commandHelp(program, command, settings, host.columns) : programHelp(program, settings, host.columns);
}

/** Loads plugins first, because their settings are flags too: only then is it known which flags there are. */
async function runWithSettings(
  program: Program,
  host: Host,
  command: Command,
  rest: readonly string[],
  { flags: { config, plugins: list } }: ParsedArgs,
): Promise<number> {
  const { file, denoJson, folders } = await readSettingsFiles(host, config);
  const sources = { code: command.defaults, file, denoJson, env: host.env };
  const plugins = await withPluginModules(host, program.plugins, { ...sources, flags: { plugins: list } }, folders);
  const kinds = knownFlags(command, describeConfig(plugins));
  const parsed = parseFlags(rest, command, kinds);
  checkArgs(parsed, command, kinds);
  if (parsed.flags["print-schema"]) return answer(host, JSON.stringify(configJsonSchema(plugins), null, 2));
  const given = { code: command.defaults, env: host.env, plugins, flags: settingsOnly(parsed, command) };
  const settings = resolveConfig({ ...given, file, denoJson });
  if (parsed.flags["print-config"]) return answerConfig(host, settings);
  if (parsed.flags.check) return answer(host, "configuration is valid");
  return await command.run({
    program,
    host,
    args: parsed.args,
    flags: parsed.flags,
    settings,
    sources: sourcesOf(host, config, given),
  });
}

/** Flags and variables stay as they were; plugins are not loaded again. */
function sourcesOf(
  host: Host,
  config: FlagValue | undefined,
  given: Omit<ConfigSources<CliPlugin>, "file" | "denoJson">,
): SettingsSources {
  return {
    async read(text) {
      const { file, denoJson } = await readSettingsFiles(host, text === undefined ? config : undefined);
      const document = text === undefined ? file : parseConfigText("document", text);
      return resolveConfig({ ...given, file: document, denoJson });
    },
    content: () => readSettingsTexts(host, config),
  };
}

function settingsOnly({ flags }: ParsedArgs, command: Command): Record<string, unknown> {
  const own = new Set(ownFlags(command).map(({ name }) => name));
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !own.has(name)));
}

function answer(host: Host, text: string): number {
  host.out(text);
  return 0;
}

/** The settings for programs, and where they come from for people. */
function answerConfig(host: Host, settings: ResolvedConfig): number {
  for (const line of explainConfig(settings)) host.err(line);
  return answer(host, printConfig(settings));
}
