import type { JsonSchema } from "./json_schema.ts";
import type { Assignment, LayerReader, Place } from "./layer.ts";
import type { MergedConfig } from "./merge.ts";
import { type PluginDeclaration, settingsKey } from "./schema.ts";
import { isObject } from "./settings.ts";
import { foundText, suggestionText } from "./words.ts";

/** The key of the list of plugins. */
export const PLUGINS_KEY = "plugins";

/** The entry of that list which stands for all plugins that run without a list, but for those that it names itself. */
const FULL_SET = "full";

/** Says whether an entry of the list of plugins is a path or URL of a module rather than a plugin's name. */
export function isModulePath(entry: string): boolean {
  return /^(\.{0,2}\/|[a-z]:[\\/]|file:|https?:|npm:|jsr:)|\.[cm]?[jt]s$/i.test(entry);
}

/** The name or path in one entry of the list, which is that alone or a pair with settings. */
function entryName(entry: unknown): unknown {
  return Array.isArray(entry) && entry.length === 2 && isObject(entry[1]) ? entry[0] : entry;
}

/**
 * Reads a list of plugins as it is written: the names become the setting `plugins`, the settings beside them those of
 * the plugins.
 */
export function readPluginList(
  reader: LayerReader,
  list: unknown,
  schema: JsonSchema,
  plugins: readonly PluginDeclaration[],
  place: Place,
): void {
  const entries = Array.isArray(list) ? list : [];
  entries.forEach((entry, at) => {
    const plugin = Array.isArray(entry) ? findPlugin(plugins, entryName(entry)) : undefined;
    const key = plugin && settingsKey(plugin.name);
    const section = key && schema.properties?.[key];
    if (section) reader.read(entry[1], section, [key], place, [PLUGINS_KEY, at, 1]);
  });
  const names = Array.isArray(list) ? list.map(entryName) : list;
  reader.assign(names, schema.properties?.[PLUGINS_KEY] ?? {}, [PLUGINS_KEY], place, [PLUGINS_KEY]);
}

function findPlugin<P extends PluginDeclaration>(plugins: readonly P[], entry: unknown): P | undefined {
  return plugins.find(({ name, from }) => entry === name || entry === settingsKey(name) || (from && entry === from));
}

/** The plugins that run, in order, and what is wrong with the list. */
export interface PluginSelection<P> {
  readonly running: readonly P[];
  readonly problems: readonly string[];
}

/**
 * Chooses what runs: the plugins in the list in its order, or without a list all that are enabled; those are what "full"
 * in a list stands for. `enabled: false` switches off either way; `enabled: true` on a plugin that the list leaves out is a contradiction, and a problem.
 */
export function selectPlugins<P extends PluginDeclaration>(
  merged: MergedConfig,
  plugins: readonly P[],
): PluginSelection<P> {
  const list = merged.get([PLUGINS_KEY]);
  if (!list || !Array.isArray(list.value)) {
    return {
      running: plugins.filter((plugin) => isEnabled(merged, plugin, plugin.enabledByDefault ?? true)),
      problems: [],
    };
  }
  const { listed, problems } = readNames(list, plugins);
  const isUsual = (plugin: P) => !plugin.from && isEnabled(merged, plugin, plugin.enabledByDefault ?? true);
  const others = plugins.filter((plugin) => isUsual(plugin) && !listed.includes(plugin));
  const running = listed.flatMap((plugin) =>
    plugin === FULL_SET ? others : isEnabled(merged, plugin, true) ? plugin : []
  );
  const left = plugins.filter((plugin) => !listed.includes(plugin) && !running.includes(plugin));
  return { running, problems: [...problems, ...left.flatMap((plugin) => contradiction(merged, plugin, list))] };
}

/** The plugins that a list names, and its {@linkcode FULL_SET} where it stands. */
function readNames<P extends PluginDeclaration>({ value, where }: Assignment, plugins: readonly P[]) {
  const listed: (P | typeof FULL_SET)[] = [];
  const problems: string[] = [];
  const names = plugins.flatMap(({ name, from }) => from ?? name);
  (value as unknown[]).forEach((entry, at) => {
    if (typeof entry !== "string") return;
    const plugin = findPlugin(plugins, entry) ?? (entry === FULL_SET ? entry : undefined);
    if (!plugin) {
      problems.push(`${where([at])} is ${foundText(entry)}, which is no plugin${suggestionText(entry, names, names)}`);
    } else if (listed.includes(plugin)) problems.push(`${where([at])} names ${titleOf(plugin)} a second time.`);
    else listed.push(plugin);
  });
  return { listed, problems };
}

function titleOf(plugin: PluginDeclaration | typeof FULL_SET): string {
  return plugin === FULL_SET ? "the full set" : `the plugin ${plugin.name}`;
}

function isEnabled(merged: MergedConfig, plugin: PluginDeclaration, otherwise: boolean): boolean {
  const enabled = merged.get([settingsKey(plugin.name), "enabled"])?.value;
  return enabled === undefined ? otherwise : enabled !== false;
}

function contradiction(merged: MergedConfig, plugin: PluginDeclaration, list: Assignment): string[] {
  const enabled = merged.get([settingsKey(plugin.name), "enabled"]);
  if (enabled?.value !== true) return [];
  return [`${enabled.where()} is true, but ${list.where()} leaves the plugin ${plugin.name} out.`];
}
