import { definePlugin, type Plugin, type PluginContext, type PluginDefinition } from "../plugin/plugin.ts";
import { createServer, type Server, type ServerOptions } from "../server.ts";
import { collectLog } from "./collected_log.ts";
import { FakeClock } from "./fake_clock.ts";

/** A free port of this machine alone. */
export const LOCAL = { http: { host: "127.0.0.1", port: 0 } };

/** A plugin made of its setup alone. */
export function plugin(name: string, setup: PluginDefinition["setup"] = () => {}): Plugin {
  return definePlugin({ name, setup })();
}

/** A server, and what a test has of it. */
export interface Started {
  readonly server: Server;
  readonly logged: ReturnType<typeof collectLog>;
  readonly clock: FakeClock;
}

/** A server on a free port and a clock that stands still. */
export async function start(
  plugins: Plugin[],
  options: Partial<ServerOptions> = {},
): Promise<Started & AsyncDisposable> {
  const clock = new FakeClock();
  const logged = collectLog("debug", clock);
  const server = await createServer({ plugins, config: LOCAL, log: logged.sink, clock, ...options });
  return { server, logged, clock, [Symbol.asyncDispose]: () => server.close() };
}

/** A plugin that hands out its context. */
export function door(): { plugin: Plugin; ctx: PluginContext } {
  const door = {
    plugin: plugin("door", (ctx) => void (door.ctx = ctx)),
    ctx: undefined as unknown as PluginContext,
  };
  return door;
}

/** A running server and the context of a plugin in it. */
export async function opened(
  setup: PluginDefinition["setup"] = () => {},
  options: Partial<ServerOptions> = {},
): Promise<{ readonly ctx: PluginContext; readonly running: Started & AsyncDisposable }> {
  const entrance = door();
  const running = await start([plugin("watcher", setup), entrance.plugin], options);
  return { ctx: entrance.ctx, running };
}

/** A peer as protocols name it. */
export const PEER = { protocol: "test", remote: "127.0.0.1:5000" };
