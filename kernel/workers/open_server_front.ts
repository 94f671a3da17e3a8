import { getRequestListener } from "@hono/node-server";
import { ConfiguredFront, type ConfiguredFrontOptions, type ServerFront } from "../front/configured_front.ts";
import type { Config } from "../config/config.ts";
import type { HttpEnv } from "../front/front.ts";
import type { HookBus } from "../plugin/hooks.ts";
import type { Plugin } from "../plugin/plugin.ts";
import type { PluginHost } from "../plugin/plugin_host.ts";
import type { LinkHost } from "./link.ts";

/** What a server's way in is made of. */
export type ServerFrontOptions =
  & Omit<ConfiguredFrontOptions, "answer" | "shared">
  & Omit<LinkHost, "refused" | "tell">
  & {
    readonly hooks: HookBus;
    readonly workerModule?: URL;
    /** The plugins that are to run, in order … */
    readonly running: readonly Plugin[];
    /** … and those that have been set up. */
    readonly plugins: readonly PluginHost[];
  };

/** Opens a server's way in. */
export type OpenServerFront = (options: ServerFrontOptions) => ServerFront;

/** How a server's way in is opened: in this isolate, or in as many workers as its settings say, that are loaded only then. */
export async function serverFrontOpener({ workers }: Config): Promise<OpenServerFront> {
  const count = workers === "auto" ? navigator.hardwareConcurrency : workers;
  if (count <= 1) return openHere;
  const { openPool } = await import("./open_pool.ts");
  return (options) => openPool(options, count);
}

function openHere({ config, possible, clock, log, files, fetch }: ServerFrontOptions): ServerFront {
  const answer = getRequestListener((request, env) => fetch(request, env as HttpEnv["Bindings"]), {
    overrideGlobalObjects: false,
  });
  return new ConfiguredFront({ config, possible, clock, log, files, answer });
}
