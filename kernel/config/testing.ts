import { assertThrows } from "@std/assert";
import { z } from "zod";
import {
  type Config,
  ConfigError,
  type ConfigSources,
  parseConfigText,
  type PluginDeclaration,
  resolveConfig,
  settingsKey,
} from "./config.ts";

/** A plugin with a number that has borders. */
export const rtmp = {
  name: "rtmp",
  config: z.object({ port: z.int().min(0).max(65_535).default(1935).describe("Port of RTMP") }),
};
/** A plugin with a list. */
export const hls = {
  name: "hls",
  config: z.object({
    segmentSeconds: z.number().min(0.5).max(60).default(2),
    names: z.array(z.string()).default([]),
  }),
};
/** A plugin whose section may be called `http-flv` or `httpFlv`. */
export const httpFlv = { name: "http-flv", config: z.object({ gzip: z.boolean().default(false) }) };
/** A plugin that does not run unless it is wanted, with a list of objects, a secret, and settings that depend on each other. */
export const forward = {
  name: "forward",
  enabledByDefault: false,
  config: z.object({
    targets: z.array(z.object({ url: z.url(), match: z.string().optional() })),
    apiKey: z.string().min(8).optional(),
    least: z.number().default(1),
    most: z.number().default(2),
  }).refine(({ least, most }) => least <= most, { path: ["least"], message: "must not be above forward.most" }),
};
const mine = { name: "my-plugin", from: "./my_plugin.ts", config: z.object({ size: z.int().default(1) }) };
/** Plugins with settings of all kinds. */
export const PLUGINS: PluginDeclaration[] = [rtmp, httpFlv, hls, forward, mine];

/** Where settings come from, files as their text. */
export type Sources = Partial<Omit<ConfigSources, "file" | "denoJson">> & { file?: string; denoJson?: string };

/** The settings of {@linkcode PLUGINS}. */
export function resolve({ file, denoJson, ...rest }: Sources): ReturnType<typeof resolveConfig> {
  return resolveConfig({
    plugins: PLUGINS,
    ...rest,
    ...(file !== undefined && { file: parseConfigText("sluice.jsonc", file) }),
    ...(denoJson !== undefined && { denoJson: parseConfigText("deno.json", denoJson) }),
  });
}

/** What is wrong with settings; fails when nothing is. */
export function problems(sources: Sources): readonly string[] {
  return assertThrows(() => resolve(sources), ConfigError).problems;
}

/** A plugin's own settings, among the resolved ones. */
export function pluginSettings<S extends z.ZodObject>(config: Config, plugin: PluginDeclaration<S>): z.output<S> {
  return config[settingsKey(plugin.name)] as z.output<S>;
}
