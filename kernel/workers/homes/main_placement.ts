import { newRunKey, type Placement } from "../../plugin/placement.ts";
import type { Homes } from "./homes.ts";
import type { Relay } from "../requests/relay.ts";
import type { WorkerSinks } from "./worker_sinks.ts";

/** The main isolate of a server with workers, which are the homes of all streams. */
export function mainPlacement(homes: Homes, sinks: WorkerSinks, relay: Pick<Relay, "ask">): Placement {
  return {
    isMain: true,
    runKey: newRunKey(),
    isHome: () => false,
    together: (group) => homes.together(group),
    atHome: (streamOf) => async (c, next) => {
      const key = streamOf(c);
      return key ? await relay.ask(c.req.raw, homes.of(key)) : await next();
    },
    overseen: ({ name }) => sinks.named(name),
  };
}
