import { type Config, settingsKey } from "./config/config.ts";
import { changedPaths, isLive, type SettingPath, withPaths } from "./config/diff.ts";
import type { Apply } from "./plugin.ts";
import type { PluginHost } from "./plugin_host.ts";

/** What a reload has changed; settings by their paths, `limits.streams`. */
export interface ReloadReport {
  /** What counts from now on. */
  readonly changed: readonly string[];
  /** What has changed too and counts after a new start. */
  readonly restart: readonly string[];
}

/** What a reload is made of. */
export interface ReloadHost {
  /** What is in force. */
  readonly config: Config;
  readonly plugins: readonly PluginHost[];
  /** Makes ready what the kernel needs for new settings; throws when they cannot be taken. */
  prepare(next: Config, changed: readonly SettingPath[]): Promise<Apply>;
}

/** A change of settings that has been looked at. */
export interface ReloadPlan extends ReloadReport {
  /** What is in force when it is carried out. */
  readonly config: Config;
  /** Makes everything ready that could fail, and gives back what cannot. */
  prepare(): Promise<Apply>;
}

/** Sorts what differs into what a running server takes and what needs a new start. */
export function planReload(next: Config, { config, plugins, prepare }: ReloadHost): ReloadPlan {
  const sections = new Map(plugins.map((plugin) => [settingsKey(plugin.name), plugin]));
  const all = changedPaths(config, next);
  const isTaken = ([section, ...rest]: SettingPath) => {
    const plugin = sections.get(section);
    if (!plugin) return isLive([section, ...rest]);
    // Without its section a plugin is not to run any more.
    return plugin.isReloadable && next[section] !== undefined && rest[0] !== "enabled";
  };
  const taken = all.filter(isTaken);
  const touched = [...sections].filter(([section]) => taken.some(([first]) => first === section));
  // The order of patterns means something, and is none of what differs.
  const merged = withPaths(config, next, [...taken, ["streams"]]);
  return {
    changed: textsOf(taken),
    restart: textsOf(all.filter((path) => !taken.includes(path))),
    config: merged,
    async prepare() {
      const applies = [await prepare(merged, taken)];
      for (const [section, plugin] of touched) {
        applies.push(await plugin.prepare(merged[section] as Record<string, unknown>));
      }
      return () => applies.forEach((apply) => apply());
    },
  };
}

function textsOf(paths: readonly SettingPath[]): string[] {
  return paths.map((path) => path.join("."));
}
