import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { Viewers } from "../../kernel/fanout/viewer.ts";
import { LateTracks } from "../shared/flv_playback.ts";
import { MergedReads } from "../shared/merged_reads.ts";
import { CORS } from "./answers.ts";
import { httpFlvClient } from "./stream_client.ts";
import { answerHead, play } from "./play.ts";
import { publish } from "./publish.ts";

/** HTTP-FLV: `GET /{app}/{stream}.flv` plays, `POST` or `PUT /{app}/{stream}[.flv]` publishes. */
export const httpFlv: PluginFactory = definePlugin({
  name: "http-flv",
  inWorkers: true,
  setup(ctx) {
    ctx.clients.add(httpFlvClient);
    const viewers = new Viewers(ctx.clock, ctx.stallMs);
    ctx.defer(() => viewers[Symbol.dispose]());
    const reads = new MergedReads(ctx.clock);
    ctx.defer(() => reads[Symbol.dispose]());
    const deps = { ctx, viewers, lateTracks: new LateTracks(ctx) };
    ctx.http.get("/:app/:file{[^/]+\\.flv}", (c) => c.req.method === "HEAD" ? answerHead(c, ctx) : play(c, deps));
    ctx.http.on(["POST", "PUT"], "/:app/:stream", (c) => publish(c, ctx, reads));
    ctx.http.options("/:app/:file", (c) => c.body(null, 204, CORS));
  },
});
