import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Placement } from "../../plugin/placement.ts";
import type { Forwarding } from "../requests/forwarding.ts";
import type { Homes } from "./homes.ts";
import type { WorkerStart } from "../messages.ts";

/** What a worker is the home of. */
export function workerPlacement({ index, runKey }: WorkerStart, homes: Homes, forwarding: Forwarding): Placement {
  return {
    isMain: false,
    runKey,
    isHome: (stream) => homes.ofId(stream) === index,
    together: (group) => homes.together(group),
    atHome: (streamOf) => async (c, next) => {
      const key = streamOf(c);
      const home = key && homes.of(key);
      if (home === undefined || home === index) return await next();
      forwarding.forward(c.env.incoming, c.env.outgoing, home);
      return RESPONSE_ALREADY_SENT;
    },
    overseen: (control) => control,
  };
}
