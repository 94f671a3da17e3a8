import type { PluginContext } from "../../kernel/plugin.ts";
import { ResourceServer } from "../shared/serving/resource_server.ts";
import { openRecording } from "./recording.ts";
import { HlsStreams } from "./registry.ts";
import { hlsRoutes } from "./routes.ts";
import type { HlsSettings } from "./settings.ts";
import { HlsViewers } from "./viewers.ts";

/** Opens the routes of HLS and cuts streams for them. */
export async function setUp(ctx: PluginContext, settings: HlsSettings): Promise<void> {
  if (settings.record) await ctx.claimDataDir();
  if (settings.encryption.enabled && settings.lowLatency) {
    ctx.log.info("Encrypted segments have no parts: HLS is played without low latency");
  }
  const server = new ResourceServer(ctx.clock, ctx.stallMs);
  ctx.defer(() => server[Symbol.dispose]());
  hlsRoutes(ctx.http, {
    streams: new HlsStreams(ctx, settings, openRecording(ctx, settings)),
    viewers: new HlsViewers(ctx),
    server,
  });
}
