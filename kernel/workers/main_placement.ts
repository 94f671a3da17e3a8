import { newRunKey, type Placement } from "../plugin/placement.ts";
import { Refusal } from "../reasons.ts";
import type { Homes } from "./homes.ts";
import type { WorkerSinks } from "./worker_sinks.ts";

/** The main isolate of a server with workers, which are the homes of all streams. */
export function mainPlacement(homes: Homes, sinks: WorkerSinks): Placement {
  return {
    isMain: true,
    runKey: newRunKey(),
    isHome: () => false,
    together: (group) => homes.together(group),
    atHome: (streamOf) => async (c, next) => {
      if (!streamOf(c)) return await next();
      throw new Refusal("limit", "What workers answer has to be asked for over a connection");
    },
    overseen: ({ name }) => sinks.named(name),
  };
}
