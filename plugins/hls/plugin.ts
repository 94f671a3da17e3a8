import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";
import { ResourceServer } from "../shared/serving/resource_server.ts";
import { openRecording } from "./recording.ts";
import { HlsStreams } from "./registry.ts";
import { hlsRoutes } from "./routes.ts";
import { type HlsConfig, hlsConfig } from "./settings.ts";
import { HlsViewers } from "./viewers.ts";

/** HLS: `/hls/{app}/{stream}/index.m3u8`, with low latency for players that know it, and for all others. */
export const hls: PluginFactory<HlsConfig> = definePlugin({
  name: "hls",
  config: hlsConfig,
  async setup(ctx, settings) {
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
  },
});

export default hls;
