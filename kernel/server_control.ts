import { printConfig, type ResolvedConfig } from "./config/config.ts";
import type { ConfigSource, ServerControl } from "./control.ts";
import type { Draining } from "./draining.ts";
import { Refusal } from "./reasons.ts";
import type { Reloader } from "./reload.ts";
import type { Server } from "./server.ts";
import type { SettingsInForce } from "./settings_in_force.ts";

/** What the control of a server is made of. */
export interface ControlHost {
  readonly server: Pick<Server, "reload" | "drain" | "resume">;
  readonly inForce: SettingsInForce;
  /** All that can be set, and what of it is secret. */
  readonly settings: ResolvedConfig["settings"];
  readonly reloader: Reloader;
  readonly draining: Draining;
  /** Where settings are read anew; absent when a program gave them. */
  readonly source?: ConfigSource;
}

/** What plugins may do with the server as a whole. */
export function serverControl({ server, inForce, settings, reloader, draining, source }: ControlHost): ServerControl {
  const readable = (): ConfigSource => {
    if (source) return source;
    throw new Refusal("busy", "The settings of this server were given by a program: they cannot be read anew");
  };
  return {
    config: () => printConfig({ config: inForce.config, settings }),
    check: async (text) => reloader.plan(await readable().parse(text)),
    reload: async () => server.reload(await readable().read()),
    drain: (options) => server.drain(options),
    resume: () => server.resume(),
    get draining() {
      return draining.state;
    },
  };
}
