import { isAbsolute, resolve, toFileUrl } from "@std/path";
import { ConfigError, isModulePath, listedPlugins } from "../kernel/config/config.ts";
import type { ConfigSources } from "../kernel/config/config.ts";
import { errorText } from "../kernel/error_text.ts";
import { quoted } from "../kernel/names.ts";
import type { Plugin } from "../kernel/plugin/plugin.ts";
import type { CliPlugin } from "./command.ts";
import type { Host } from "./host.ts";
import type { SettingsFiles } from "./settings.ts";

/**
 * The known plugins and those that the list of plugins names by path. A path is meant against the folder of the file
 * that it stands in, or else the working folder; a plugin of one's own replaces one of Sluice's of the same name.
 *
 * @throws {ConfigError} with a sentence for each module that cannot be loaded or is no plugin
 */
export async function withPluginModules(
  host: Host,
  known: readonly CliPlugin[],
  sources: Omit<ConfigSources, "plugins">,
  folders: SettingsFiles["folders"],
): Promise<readonly CliPlugin[]> {
  const list = listedPlugins({ ...sources, plugins: known });
  if (!list) return known;
  const folder = list.source === "file" || list.source === "deno.json" ? folders[list.source] : host.cwd;
  const paths = list.entries.filter((entry): entry is string => typeof entry === "string" && isModulePath(entry));
  const loaded = await loadAll(host, [...new Set(paths)], folder);
  return [...known.filter(({ name }) => !loaded.some((plugin) => plugin.name === name)), ...loaded];
}

async function loadAll(host: Host, paths: readonly string[], folder: string): Promise<CliPlugin[]> {
  const loaded: CliPlugin[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    try {
      const module = moduleUrl(path, folder);
      loaded.push({ ...toPlugin(await host.importModule(module)), from: path, module });
    } catch (error) {
      const fault = errorText(error);
      problems.push(`Cannot load the plugin ${quoted(path)}: ${fault.split("\n")[0].replace(/\.$/, "")}.`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return loaded;
}

function moduleUrl(path: string, folder: string): string {
  if (/^[a-z]{2,}:/i.test(path)) return path;
  return toFileUrl(isAbsolute(path) ? path : resolve(folder, path)).href;
}

/** The plugin that a module exports as its default: one made already, or a factory. */
function toPlugin(module: unknown): Plugin {
  const exported = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  const plugin: unknown = typeof exported === "function" ? exported() : exported;
  if (isPlugin(plugin)) return plugin;
  throw new TypeError("its default export is neither a plugin nor a factory of one (see definePlugin)");
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" &&
    "setup" in value && typeof value.setup === "function";
}
