import { z } from "zod";
import { DEFAULT_VHOST, parseStreamPath } from "../../kernel/names.ts";
import { definePlugin, type PluginContext, type PluginFactory } from "../../kernel/plugin.ts";
import { builtInClip } from "./clip.ts";
import { ClipLoop } from "./clip_loop.ts";

/** How long a stream must have been free before the demo takes its place again, in milliseconds. */
const RETURN_MS = 1000;

/** The settings of the demo. */
type DemoConfig = z.ZodObject<{ stream: z.ZodDefault<z.ZodString>; key: z.ZodOptional<z.ZodString> }>;

const config: DemoConfig = z.object({
  stream: z.string().default("live/demo").describe("Where the clip is published: APP/STREAM."),
  key: z.string().optional().describe("The key it publishes with, where publishers need one."),
});

/** Publishes a built-in clip, so that there is something to watch before the first encoder is set up. */
export const demo: PluginFactory<DemoConfig> = definePlugin({
  name: "demo",
  config,
  setup(ctx, settings) {
    const { app, name } = parseStreamPath(settings.stream);
    const params = new URLSearchParams(settings.key === undefined ? {} : { key: settings.key });
    const publish = () => publishClip(ctx, { vhost: DEFAULT_VHOST, app, name }, params);
    ctx.on("server:start", publish);
    ctx.on("stream:end", ({ stream }) => {
      if (stream.path !== settings.stream || ctx.signal.aborted) return;
      const timer = ctx.clock.setTimeout(() => void publish(), RETURN_MS);
      ctx.signal.addEventListener("abort", () => timer[Symbol.dispose](), { once: true });
    });
  },
});

export default demo;

/** Publishes the clip until the publication or the plugin ends; a refusal is logged. */
async function publishClip(
  ctx: PluginContext,
  key: { vhost: string; app: string; name: string },
  params: URLSearchParams,
): Promise<void> {
  try {
    const session = await ctx.open({ protocol: "demo", remote: "built-in", params }, { app: key.app });
    const publication = await ctx.publish(session, key);
    const loop = new ClipLoop(builtInClip(), publication, ctx.clock);
    const signal = AbortSignal.any([ctx.signal, session.signal, publication.signal]);
    signal.addEventListener("abort", () => {
      loop[Symbol.dispose]();
      publication.end();
      session[Symbol.dispose]();
    }, { once: true });
  } catch (error) {
    ctx.log.warn(`The demo could not be published as ${key.app}/${key.name}: ${(error as Error).message}`);
  }
}
