import { ConfigError } from "./error.ts";
import { issueSentences } from "./issues.ts";
import { toJsonSchema } from "./json_schema.ts";
import type { Assignment, Origin, SourceName } from "./layer.ts";
import { MergedConfig } from "./merge.ts";
import { PLUGINS_KEY, selectPlugins } from "./plugins.ts";
import { assembleSchema, type PluginDeclaration, settingsKey } from "./schema.ts";
import { type Setting, settingsOf } from "./settings.ts";
import { type ConfigSources, readLayers } from "./sources.ts";
import { type KernelConfig, kernelConfigSchema } from "./kernel_config.ts";

export { type ConfigDocument, parseConfigText } from "./document.ts";
export { CONFIG_FILE_ENV } from "./env.ts";
export { ConfigError } from "./error.ts";
export { flagMeanings } from "./flags.ts";
export type { JsonSchema } from "./json_schema.ts";
export type { Origin, SourceName } from "./layer.ts";
export { isModulePath } from "./plugins.ts";
export { explainConfig, printConfig } from "./print.ts";
export { assembleSchema, configJsonSchema, type PluginDeclaration, settingsKey } from "./schema.ts";
export { describeConfig, type Setting } from "./settings.ts";
export type { ConfigSources } from "./sources.ts";
export { suggestionText } from "./words.ts";
export { type KernelConfig, kernelConfigSchema } from "./kernel_config.ts";

/** The kernel's settings and, each under its own key, those of the plugins that run. */
export type Config = Omit<KernelConfig, "plugins"> & {
  /** What runs, in order: names, and the paths of plugins that have one. */
  readonly plugins: readonly string[];
  readonly [section: string]: unknown;
};

/** Settings that are complete and checked. */
export interface ResolvedConfig<P extends PluginDeclaration = PluginDeclaration> {
  readonly config: Config;
  /**
   * The same as it was written, merged and without defaults: what a configuration file would have to hold. Give this on
   * where settings are settled once more, because a plugin's schema may have turned a text into something else.
   */
  readonly input: Readonly<Record<string, unknown>>;
  /** The plugins that run, in order. */
  readonly plugins: readonly P[];
  /** Where each setting that is not a default comes from, by its path: `http.port`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** All that can be set. */
  readonly settings: readonly Setting[];
}

/**
 * Settles the settings: defaults < code < `"sluice"` in deno.json < file < environment < flags, merged deeply by key,
 * lists replaced.
 *
 * @throws {ConfigError} with a sentence for each unknown key, bad value and contradiction
 * @throws {TypeError} when plugins want the same key
 */
export function resolveConfig<P extends PluginDeclaration>(sources: ConfigSources<P>): ResolvedConfig<P> {
  const schema = toJsonSchema(assembleSchema(kernelConfigSchema, sources.plugins));
  const settings = settingsOf(schema);
  const layers = readLayers(sources, schema, settings);
  const merged = new MergedConfig(layers, settings);
  const { running, problems } = selectPlugins(merged, sources.plugins);
  const value = merged.toObject([...Object.keys(kernelConfigSchema.shape), ...running.map(keyOf)]);
  const parsed = assembleSchema(kernelConfigSchema, running.map(asRunning)).safeParse(value);
  const issues = issueSentences(parsed.error?.issues ?? [], value, schema, merged, settings);
  const all = [...layers.flatMap((layer) => layer.problems), ...problems, ...issues];
  if (!parsed.success || all.length > 0) throw new ConfigError(all);
  const names = running.map(({ name, from }) => from ?? name);
  const data: unknown = parsed.data;
  const config: Config = { ...(data as Config), [PLUGINS_KEY]: names };
  return {
    config,
    input: { ...value, [PLUGINS_KEY]: names },
    plugins: running,
    origins: originsOf(merged.assignments()),
    settings,
  };
}

/**
 * The list of plugins that counts, with the source it is from: the names and paths to load before the settings can be
 * settled. Undefined without a list; what is wrong in it is for {@linkcode resolveConfig} to say.
 */
export function listedPlugins(sources: ConfigSources): { entries: readonly unknown[]; source: SourceName } | undefined {
  const schema = toJsonSchema(assembleSchema(kernelConfigSchema, sources.plugins));
  const settings = settingsOf(schema);
  const list = new MergedConfig(readLayers(sources, schema, settings), settings).get([PLUGINS_KEY]);
  return Array.isArray(list?.value) ? { entries: list.value, source: list.source } : undefined;
}

function keyOf(plugin: PluginDeclaration): string {
  return settingsKey(plugin.name);
}

function asRunning(plugin: PluginDeclaration): PluginDeclaration {
  return { ...plugin, enabledByDefault: true };
}

function originsOf(assignments: readonly Assignment[]): Map<string, Origin> {
  return new Map(assignments.map(({ path, source, where }) => [path.join("."), { path, source, where: where() }]));
}
