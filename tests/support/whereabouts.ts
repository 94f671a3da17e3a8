import { definePlugin, type Plugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { heapInUse } from "./held.ts";

/** How long a worker does nothing at all, in milliseconds: longer than a publisher takes to connect. */
const PAUSE_MS = 1000;

/** What a worker says last before it does. */
export const STANDS_STILL = "a test wants this worker to stand still";

/** What is said in each isolate when the server starts and when it stops. */
export const SERVES = { from: "a test's server serves from now on", until: "a test's server stops" };

/** What is held in a worker. */
export interface HeldInWorker {
  readonly sessions: number;
  /** Copies of streams. */
  readonly streams: number;
  /** Bytes of its heap, if they have been asked for. */
  readonly heap: number;
}

const factory: PluginFactory = definePlugin({
  name: "whereabouts",
  inWorkers: true,
  setup(ctx) {
    ctx.http.get(
      "/whereabouts",
      (c) => c.text(/^worker \d+/.exec((globalThis as { name?: string }).name ?? "")?.[0] ?? "main"),
    );
    ctx.http.get("/whereabouts/home/:app/:name", (c) => {
      return c.text(String(ctx.isHome(`${c.req.param("app")}/${c.req.param("name")}`)));
    });
    ctx.http.get("/whereabouts/held", (c) => {
      const heap = c.req.query("heap") === undefined ? 0 : heapInUse();
      return c.json({ sessions: ctx.sessions.size, streams: ctx.streams.size, heap } satisfies HeldInWorker);
    });
    ctx.on("server:start", () => ctx.log.info(SERVES.from));
    ctx.on("server:stop", () => ctx.log.info(SERVES.until));
    const soon = (path: string, happen: () => void) => {
      ctx.http.get(path, (c) => {
        ctx.clock.setTimeout(happen, 0);
        return c.text("at once");
      });
    };
    soon("/whereabouts/fail", () => {
      throw new Error("a test wants this worker to fail");
    });
    const standStill = (ms: number) => {
      ctx.log.info(STANDS_STILL);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    };
    soon("/whereabouts/pause", () => standStill(PAUSE_MS));
    soon("/whereabouts/hang", () => standStill(Infinity));
  },
});

export default factory;

/** Says which worker a connection has come to, and has one fail, pause or hang. */
export function whereabouts(): Plugin {
  return { ...factory(), module: import.meta.url };
}
