import { isSection, type JsonSchema, toJsonSchema } from "./json_schema.ts";
import { assembleSchema, type PluginDeclaration } from "./schema.ts";
import { boundsText, foundText, type Path, typeText } from "./words.ts";
import { kernelConfigSchema } from "./kernel_config.ts";
import { isSecretName } from "../log/mask.ts";

/** The start of every environment variable that is a setting. */
export const ENV_PREFIX = "SLUICE_";

/** One setting: how it is written in each place, and what it means. */
export interface Setting {
  /** Its keys in a file: `["http", "port"]`. */
  readonly path: readonly string[];
  /** `SLUICE_HTTP_PORT`. */
  readonly env: string;
  /** Without the dashes: `http-port`. */
  readonly flag: string;
  /** In the short form of a usage line. */
  readonly type: string;
  /** The bounds of a number, in words: `0 to 65535`. */
  readonly bounds?: string;
  /** Absent for a setting without one. */
  readonly default?: unknown;
  readonly description: string;
  readonly secret: boolean;
  readonly schema: JsonSchema;
}

/** Every setting of the kernel and the plugins, in the order of their schemas. */
export function describeConfig(plugins: readonly PluginDeclaration[]): Setting[] {
  return settingsOf(toJsonSchema(assembleSchema(kernelConfigSchema, plugins)));
}

/**
 * Every setting of a schema.
 *
 * @throws {TypeError} when two settings would have the same environment variable and flag
 */
export function settingsOf(schema: JsonSchema): Setting[] {
  const settings = collect(schema, [], {});
  const byFlag = Map.groupBy(settings, (setting) => setting.flag);
  for (const [flag, same] of byFlag) {
    if (same.length === 1) continue;
    throw new TypeError(`Cannot tell ${same.map(({ path }) => path.join(".")).join(" from ")}: both are --${flag}`);
  }
  return settings;
}

function collect(schema: JsonSchema, path: readonly string[], defaults: unknown): Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const value = isObject(defaults) && Object.hasOwn(defaults, key) ? defaults[key] : child.default;
    const childPath = [...path, key];
    return isSection(child) ? collect(child, childPath, value) : [setting(child, childPath, value)];
  });
}

function setting(schema: JsonSchema, path: readonly string[], value: unknown): Setting {
  const words = path.flatMap(wordsOf);
  const bounds = boundsText(schema);
  return {
    path,
    env: ENV_PREFIX + words.join("_").toUpperCase(),
    flag: words.join("-"),
    type: typeText(schema),
    ...(bounds && { bounds }),
    ...(value !== undefined && { default: value }),
    description: schema.description ?? "",
    secret: schema.secret ?? path.slice(1).some(isSecretName),
    schema,
  };
}

/** `maxDelayMs` → max, delay, ms; digits stay with the letters before them. */
function wordsOf(key: string): string[] {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/);
}

/** The setting that a path leads to or into, if any. */
function settingAt(settings: readonly Setting[], path: Path): Setting | undefined {
  return settings.find((setting) => setting.path.every((key, at) => key === path[at]));
}

/** Says whether what stands at a path is not to be shown. */
export function isSecretAt(settings: readonly Setting[], path: Path): boolean {
  const setting = settingAt(settings, path);
  if (!setting) return false;
  return setting.secret || path.slice(setting.path.length).some((key) => typeof key === "string" && isSecretName(key));
}

/** What was found at a path, in words that fit one line and tell no secret. */
export function shownText(value: unknown, path: Path, settings: readonly Setting[]): string {
  const isText = typeof value === "string" || typeof value === "number";
  return isText && isSecretAt(settings, path) ? "***" : foundText(value);
}

/** Says whether a value is a plain object: what a section or a record is written as. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
