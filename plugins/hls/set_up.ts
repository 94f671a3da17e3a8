import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { ResourceServer } from "../shared/serving/resource_server.ts";
import { openRecording } from "./recording/recording.ts";
import { HlsStreams } from "./registry.ts";
import { streamOfRequest } from "./serving/request.ts";
import { hlsRoutes } from "./serving/routes.ts";
import type { HlsSettings } from "./settings.ts";
import { HlsViewers } from "./serving/viewers.ts";

/** The settings that count for streams that begin later when they change while the server runs. */
const TAKEN: readonly (keyof HlsSettings)[] = [
  "streams",
  "segmentSeconds",
  "windowSegments",
  "container",
  "lowLatency",
  "partMs",
  "keepSeconds",
  "keepDays",
  "keepMegabytes",
  "minFreeMegabytes",
];

/** Opens the routes of HLS and cuts streams for them. */
export async function setUp(ctx: PluginContext, first: HlsSettings): Promise<Reloadable<HlsSettings>> {
  const live = liveSettings(first);
  const settings = live.now;
  if (settings.record) await ctx.claimDataDir();
  if (settings.encryption.enabled && settings.lowLatency) {
    ctx.log.info("Encrypted segments have no parts: HLS is played without low latency");
  }
  const server = new ResourceServer(ctx.clock, ctx.stallMs);
  ctx.defer(() => server[Symbol.dispose]());
  const streams = new HlsStreams(ctx, settings, openRecording(ctx, settings));
  ctx.together((key) => streams.groups.homeNameOf(key));
  hlsRoutes(ctx.http, {
    streams,
    viewers: new HlsViewers(ctx),
    server,
    issuer: ctx,
    atHome: ctx.atHome(streamOfRequest),
  });
  return { takes: TAKEN, reload: (next) => () => live.take(next) };
}
