import { z } from "zod";
import { Deadlines } from "../../kernel/front/deadlines.ts";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { Viewers } from "../../kernel/fanout/viewer.ts";
import { MergedReads } from "../shared/merged_reads.ts";
import { rtmpClient } from "./stream_client.ts";
import { RtmpConnection } from "./server/connection.ts";
import { refuseConnection } from "./server/refusal.ts";
import { RTMP_VERSION } from "./wire/handshake.ts";

/** The settings of RTMP. */
type RtmpConfig = z.ZodObject<{
  port: z.ZodDefault<z.ZodInt>;
  host: z.ZodDefault<z.ZodString>;
  listen: z.ZodDefault<z.ZodBoolean>;
  connectSeconds: z.ZodDefault<z.ZodNumber>;
  idleSeconds: z.ZodDefault<z.ZodNumber>;
}>;

const config: RtmpConfig = z.object({
  port: z.int().min(0).max(65_535).default(1935).describe("Port of RTMP; 0 for any free one"),
  host: z.string().min(1).default("::").describe("Address to listen on; :: is every address"),
  listen: z.boolean().default(true).describe("Open this port; without it RTMP is spoken on the ports of HTTP alone"),
  connectSeconds: z.number().min(0.1).max(600).default(20).describe(
    "A peer that has not completed handshake and connect after so many seconds is closed",
  ),
  idleSeconds: z.number().min(1).max(86_400).default(60).describe(
    "A connected peer that has neither published nor played for so many seconds is closed",
  ),
});

/** RTMP, plain and enhanced: `rtmp://host:1935/{app}/{stream}` publishes and plays, on this port, if it is opened, and on every other. */
export const rtmp: PluginFactory<RtmpConfig> = definePlugin({
  name: "rtmp",
  inWorkers: true,
  config,
  async setup(ctx, { host, port, listen, connectSeconds, idleSeconds }) {
    ctx.clients.add(rtmpClient);
    const viewers = new Viewers(ctx.clock, ctx.stallMs);
    ctx.defer(() => viewers[Symbol.dispose]());
    const reads = new MergedReads(ctx.clock);
    ctx.defer(() => reads[Symbol.dispose]());
    const connecting = new Deadlines(ctx.clock, connectSeconds * 1000);
    const idling = new Deadlines(ctx.clock, idleSeconds * 1000);
    const deps = { ctx, viewers, reads, connecting, idling, idleSeconds };
    ctx.front.protocol({
      name: "rtmp",
      matches: (first) => first[0] === RTMP_VERSION,
      accept: (socket, first) => new RtmpConnection(socket, deps).receive(first),
      refuse: refuseConnection,
    });
    if (listen) await ctx.front.listen({ name: "rtmp", host, port });
  },
});
