import type { Setting } from "../kernel/config/config.ts";
import { GENERAL_FLAGS, ownFlags, SETTINGS_FLAGS } from "./args.ts";
import type { Command, CommandFlag, Program } from "./command.ts";
import { type Row, table, wrap } from "./text.ts";

/** Where the meaning of a flag begins. */
const TERM_WIDTH = 40;

/** Help on the program: its commands, the flags of all of them, and the settings. */
export function programHelp(program: Program, settings: readonly Setting[], columns: number): string {
  const { name, version, commands } = program;
  const more = `Without a command, ${commands[0].name} runs. See ${name} COMMAND --help for the flags of a command.`;
  return [
    ...wrap(`${name} ${version}: receives live streams and sends them on`, columns),
    "",
    `Usage: ${name} [COMMAND] [FLAGS]`,
    ...section("Commands", commands.map(({ name, summary }) => ({ term: name, text: summary })), columns),
    "",
    ...wrap(more, columns),
    ...section("Flags", [...SETTINGS_FLAGS, ...GENERAL_FLAGS].map(flagRow), columns),
    ...settingsHelp(settings, columns),
  ].join("\n");
}

/** Help on one command: its own flags, and the settings it uses, grouped by section. */
export function commandHelp(program: Program, command: Command, settings: readonly Setting[], columns: number): string {
  return [
    ...wrap(`${program.name} ${command.name}: ${command.summary}`, columns),
    "",
    `Usage: ${[program.name, command.name, "[FLAGS]", command.usage].filter(Boolean).join(" ")}`,
    ...section("Flags", ownFlags(command).map(flagRow), columns),
    ...(command.usesSettings ? settingsHelp(settings, columns) : []),
  ].join("\n");
}

function settingsHelp(settings: readonly Setting[], columns: number): string[] {
  const groups = Map.groupBy(settings, ({ path }) => path.length > 1 ? path[0] : "");
  return [
    ...[...groups].flatMap(([name, group]) => section(groupTitle(name), group.map(settingRow), columns)),
    "",
    ...wrap(exampleText(settings.find(({ path }) => path.length > 1) ?? settings[0]), columns),
    ...wrap(
      "Flags are stronger than the environment, it is stronger than a file, and deno.json is the weakest.",
      columns,
    ),
    ...wrap("--no-NAME switches a plugin off, as in --no-hls.", columns),
  ];
}

function exampleText({ env, flag, path }: Setting): string {
  return `Every setting has three names: --${flag} is ${env} in the environment and ${path.join(".")} in a file, ` +
    'which may also be deno.json, under "sluice".';
}

function groupTitle(section: string): string {
  return section === "" ? "Settings" : `Settings of ${section}`;
}

function section(title: string, rows: readonly Row[], columns: number): string[] {
  return rows.length === 0 ? [] : ["", `${title}:`, ...table(rows, columns, TERM_WIDTH)];
}

function flagRow({ name, short, kind, value = "VALUE", description }: CommandFlag): Row {
  const long = kind === "switch" ? `--${name}` : `--${name} ${value}`;
  return { term: short ? `-${short}, ${long}` : `    ${long}`, text: description };
}

function settingRow({ flag, type, bounds, description, secret, ...setting }: Setting): Row {
  const value = defaultText(setting.default);
  const remarks = [bounds, value && `default ${secret ? "***" : value}`].filter(Boolean).join("; ");
  return { term: `--${flag} ${type}`, text: remarks ? `${description} (${remarks})` : description };
}

function defaultText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "object") return String(value);
  return Object.keys(value).length === 0 ? undefined : JSON.stringify(value);
}
