import type { ResolvedConfig } from "./config.ts";
import { isObject, isSecretAt, type Setting } from "./settings.ts";
import { maskSecret, maskText } from "../log/mask.ts";

/** The settings in force as JSON that can be used as a configuration file, with `***` for what is secret. */
export function printConfig({ config, settings }: Pick<ResolvedConfig, "config" | "settings">): string {
  return JSON.stringify(masked(config, [], settings), null, 2);
}

/** One line for each setting that is not a default: its path, its value and where it comes from; secrets are masked. */
export function explainConfig({ config, settings, origins }: ResolvedConfig): string[] {
  return [...origins].map(([name, { path, where }]) => {
    const value = masked(valueAt(config, path), path, settings);
    return `${name} = ${JSON.stringify(value) ?? "not in force"} (${where})`;
  });
}

function masked(value: unknown, path: readonly string[], settings: readonly Setting[]): unknown {
  if (isSecretAt(settings, path)) return maskSecret(value);
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, path, settings));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, masked(child, [...path, key], settings)]),
  );
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => isObject(at) ? at[key] : undefined, value);
}
