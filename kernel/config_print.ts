import type { ResolvedConfig } from "./config.ts";
import { isObject } from "./config_settings.ts";
import { isSecretName, maskSecret, maskText } from "./log_mask.ts";

/** The settings in force as JSON that can be used as a configuration file, with `***` for what is secret. */
export function printConfig(resolved: ResolvedConfig): string {
  return JSON.stringify(masked(resolved.config, [], secretPaths(resolved)), null, 2);
}

/** One line for each setting that is not a default: its path, its value and where it comes from; secrets are masked. */
export function explainConfig(resolved: ResolvedConfig): string[] {
  const secrets = secretPaths(resolved);
  return [...resolved.origins].map(([name, { path, where }]) => {
    const value = masked(valueAt(resolved.config, path), path, secrets);
    return `${name} = ${JSON.stringify(value) ?? "not in force"} (${where})`;
  });
}

function secretPaths({ settings }: ResolvedConfig): ReadonlySet<string> {
  return new Set(settings.filter(({ secret }) => secret).map(({ path }) => path.join(".")));
}

function masked(value: unknown, path: readonly string[], secrets: ReadonlySet<string>): unknown {
  if (secrets.has(path.join(".")) || isSecretName(path.at(-1) ?? "")) return maskSecret(value);
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, path, secrets));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, masked(child, [...path, key], secrets)]));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => isObject(at) ? at[key] : undefined, value);
}
