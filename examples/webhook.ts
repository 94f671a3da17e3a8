import { z } from "zod";
import { definePlugin } from "../mod.ts";

/**
 * Tells another program what begins and what ends, and asks it who may publish.
 *
 * It receives `POST` requests with JSON. Any status but 2xx to an `ask` means no, and the answer's text is the reason.
 *
 * On the command line: `--plugins full,./examples/webhook.ts --example-webhook-url http://…`
 */
export default definePlugin({
  name: "example-webhook",
  config: z.object({ url: z.url().describe("Where the requests go") }),
  setup(ctx, { url }) {
    const post = (body: unknown, signal: AbortSignal) =>
      ctx.fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal,
      });

    ctx.decide("publish", async ({ session, stream }, signal) => {
      const answer = await post({ ask: "publish", stream, session, key: session.params.get("key") }, signal);
      const reason = await answer.text();
      if (!answer.ok) return { deny: reason || `Publishing ${stream} is not allowed` };
    });

    const tell = async (body: unknown) => void await (await post(body, ctx.signal)).body?.cancel();
    ctx.on("stream:start", ({ stream }) => tell({ event: "stream:start", stream }));
    ctx.on("stream:end", ({ stream, reason, seconds }) => tell({ event: "stream:end", stream, reason, seconds }));
  },
});
