import { z } from "zod";
import { definePlugin, type StreamRequest } from "../mod.ts";

/**
 * Only publishers with a key: `rtmp://host/live/cam?key=…`, and the same query over HTTP and WebSocket.
 *
 * In the configuration: `"plugins": ["full", ["./examples/auth.ts", { "keys": { "live/cam": "…" } }]]`
 */
export default definePlugin({
  name: "example-auth",
  config: z.object({
    keys: z.record(z.string(), z.string()).default({}).describe("The key of each stream that may be published"),
  }),
  setup(ctx, { keys }) {
    ctx.decide("publish", ({ session, stream }: StreamRequest) => {
      const key = session.params.get("key");
      if (key === null) return { deny: `Publishing ${stream} needs a key` };
      if (keys[stream] !== key) return { deny: `That is not the key of ${stream}` };
      return { credential: `key of ${stream}` };
    });
  },
});
