import { DEFAULT_VHOST, parseStreamPath } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { builtInClip } from "./clip.ts";
import { ClipLoop } from "./clip_loop.ts";
import type { DemoSettings } from "./plugin.ts";

/** How long a stream must have been free before the demo takes its place again, in milliseconds. */
const RETURN_MS = 1000;

/** Publishes the clip whenever its place is free. */
export function setUp(ctx: PluginContext, settings: DemoSettings): void {
  const { app, name } = parseStreamPath(settings.stream);
  const params = new URLSearchParams(settings.key === undefined ? {} : { key: settings.key });
  const publish = () => publishClip(ctx, { vhost: DEFAULT_VHOST, app, name }, params);
  ctx.on("server:start", publish);
  ctx.on("stream:end", ({ stream }) => {
    if (stream.path !== settings.stream || ctx.signal.aborted) return;
    const timer = ctx.clock.setTimeout(() => void publish(), RETURN_MS);
    ctx.signal.addEventListener("abort", () => timer[Symbol.dispose](), { once: true });
  });
}

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
