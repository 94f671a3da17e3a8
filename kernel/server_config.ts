import { z } from "zod";
import { assembleSchema, settingsKey } from "./config_schema.ts";
import { type KernelConfig, kernelConfigSchema } from "./kernel_config.ts";
import type { Plugin } from "./plugin.ts";

/** The kernel's settings and, each under its key, the plugins'. */
export type ServerConfig = KernelConfig & Readonly<Record<string, unknown>>;

/**
 * Completes and checks a server's settings; what code gave to a plugin's factory is weaker than the configuration.
 *
 * @throws {TypeError} that names the setting that is unknown or wrong
 */
export function serverConfig(plugins: readonly Plugin[], config: Readonly<Record<string, unknown>>): ServerConfig {
  const merged: Record<string, unknown> = { ...config };
  for (const { name, settings } of plugins) {
    const key = settingsKey(name);
    merged[key] = { ...settings, ...(config[key] as Record<string, unknown> | undefined) };
  }
  const result = assembleSchema(kernelConfigSchema, plugins).strict().safeParse(merged);
  if (result.success) return result.data as ServerConfig;
  throw new TypeError(`The configuration is wrong: ${z.prettifyError(result.error)}`);
}
