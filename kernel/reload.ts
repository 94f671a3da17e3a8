import {
  type Config,
  kernelConfigSchema,
  type PluginDeclaration,
  resolveConfig,
  settingsKey,
} from "./config/config.ts";
import { changedPaths, isLive, type SettingPath, withPaths } from "./config/diff.ts";
import { CERTIFICATE_SETTINGS, certificateFiles } from "./config/kernel_config.ts";
import type { Apply } from "./plugin/plugin.ts";
import type { PluginHost } from "./plugin/plugin_host.ts";

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
function planReload(next: Config, { config, plugins, prepare }: ReloadHost): ReloadPlan {
  const sections = new Map(plugins.map((plugin) => [settingsKey(plugin.name), plugin]));
  const all = changedPaths(config, next);
  // Whether there is TLS at all decides over ports.
  const hasOther = certificateFiles(config.tls).length === 0 !== (certificateFiles(next.tls).length === 0);
  const isTaken = ([section, ...rest]: SettingPath) => {
    if (section === "tls" && hasOther && CERTIFICATE_SETTINGS.includes(rest[0])) return false;
    const plugin = sections.get(section);
    if (!plugin) return isLive([section, ...rest]);
    // Without its section a plugin is not to run any more.
    return next[section] !== undefined && rest[0] !== "enabled" && plugin.takes(rest[0] ?? "");
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

/** What a {@linkcode Reloader} works with. */
export interface ReloaderHost extends ReloadHost {
  /** All plugins that there are, running or not. */
  readonly known: readonly PluginDeclaration[];
  /** Called after each reload. */
  done(report: ReloadReport): void;
}

/** Has a running server take new settings, one reload after the other. */
export class Reloader {
  readonly #host: ReloaderHost;
  #running: Promise<unknown> = Promise.resolve();

  constructor(host: ReloaderHost) {
    this.#host = host;
  }

  /**
   * Takes new settings; in the shape of a configuration file.
   *
   * @throws {ConfigError} when one is unknown or wrong; nothing has changed then
   */
  reload(input: Readonly<Record<string, unknown>>): Promise<ReloadReport> {
    const reloading = this.#running.then(() => this.#reload(input));
    this.#running = reloading.catch(() => {});
    return reloading;
  }

  /**
   * What would change. Which plugins run is settled at the start: settings of others are left out, and the list is said to need
   * a new one.
   *
   * @throws {ConfigError} when a setting is unknown or wrong
   */
  plan(input: Readonly<Record<string, unknown>>): ReloadPlan {
    const { config: { plugins }, known } = this.#host;
    const { plugins: wanted = plugins, ...rest } = input;
    const isOther = JSON.stringify(wanted) !== JSON.stringify(plugins);
    const settings = Object.entries(rest).filter(([key]) => !isOther || this.#isKnown(key));
    const { config } = resolveConfig({ plugins: known, code: { ...Object.fromEntries(settings), plugins } });
    return planReload({ ...config, plugins: wanted as Config["plugins"] }, this.#host);
  }

  #isKnown(key: string): boolean {
    return key in kernelConfigSchema.shape || this.#host.plugins.some(({ name }) => settingsKey(name) === key);
  }

  async #reload(input: Readonly<Record<string, unknown>>): Promise<ReloadReport> {
    const plan = this.plan(input);
    const { changed, restart } = plan;
    (await plan.prepare())();
    this.#host.done({ changed, restart });
    return { changed, restart };
  }
}

function textsOf(paths: readonly SettingPath[]): string[] {
  return paths.map((path) => path.join("."));
}
