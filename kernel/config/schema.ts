import { z } from "zod";
import { type JsonSchema, toJsonSchema } from "./json_schema.ts";
import { kernelConfigSchema } from "./kernel_config.ts";

/** What configuration has to know of a plugin. */
export interface PluginDeclaration<Settings extends z.ZodObject = z.ZodObject> {
  /** In kebab case, such as `http-flv`. */
  readonly name: string;
  /** Its settings; absent when it has none. */
  readonly config?: Settings;
  /** What code gave to the plugin's factory: weaker than every file, variable and flag. */
  readonly settings?: unknown;
  /** Whether it runs when nothing names it; true unless said otherwise. */
  readonly enabledByDefault?: boolean;
  /** The path under which the list of plugins names it, when it is not one of Sluice's own. */
  readonly from?: string;
}

/** The key under which a plugin's settings stand: its name in camel case, `http-flv` → `httpFlv`. */
export function settingsKey(pluginName: string): string {
  return pluginName.replace(/-+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** A plugin's settings and, among them, `enabled`. */
function pluginSchema(plugin: PluginDeclaration): z.ZodObject {
  const enabled = z.boolean().default(plugin.enabledByDefault ?? true).describe(`Run the plugin ${plugin.name}`);
  return (plugin.config ?? z.object({})).safeExtend({ enabled });
}

/**
 * One schema of the kernel's settings and, under its own key, each plugin's.
 *
 * @throws {TypeError} when two plugins, or a plugin and the kernel, want the same key
 */
export function assembleSchema(kernel: z.ZodObject, plugins: readonly PluginDeclaration[]): z.ZodObject {
  const sections: Record<string, z.ZodType> = {};
  for (const plugin of plugins) {
    const key = settingsKey(plugin.name);
    if (key in kernel.shape || key in sections) {
      throw new TypeError(`Cannot add the plugin "${plugin.name}": the settings key "${key}" is already taken`);
    }
    sections[key] = pluginSchema(plugin).prefault({});
  }
  return kernel.safeExtend(sections);
}

/** A JSON Schema of everything under `"sluice"`, for editors' completion and checks. */
export function configJsonSchema(plugins: readonly PluginDeclaration[]): JsonSchema {
  const schema = closed(toJsonSchema(assembleSchema(kernelConfigSchema, plugins)));
  const properties: Record<string, JsonSchema> = { $schema: { type: "string" }, ...schema.properties };
  for (const { name } of plugins) properties[name] = properties[settingsKey(name)];
  properties.plugins = { ...properties.plugins, items: pluginEntrySchema(plugins.map(({ name }) => name)) };
  return { ...schema, properties };
}

function pluginEntrySchema(names: readonly string[]): JsonSchema {
  const name: JsonSchema = { anyOf: [{ enum: names }, { type: "string", pattern: "[./:]" }] };
  return { anyOf: [name, { type: "array", prefixItems: [name, { type: "object" }], items: false }] };
}

/** Editors are to mark unknown keys, as the server does. */
function closed(schema: JsonSchema): JsonSchema {
  const { properties, items, anyOf, oneOf } = schema;
  return {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map(closed) }),
    ...(oneOf && { oneOf: oneOf.map(closed) }),
    ...(items && { items: closed(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, closed(value)])),
      additionalProperties: schema.additionalProperties ?? false,
    }),
  };
}
