import { z } from "@hono/zod-openapi";
import { BadNameError, checkName, DEFAULT_VHOST, streamId } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { SinkControl } from "../../kernel/streams/sinks.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import type { Census } from "../shared/census.ts";
import { Problem } from "../../kernel/front/problem.ts";
import { type ApiRouter, apiRouter, changeRoute, readRoute } from "./router.ts";
import { streamSchema } from "./schemas.ts";
import { paged, pageOf, pageQuery } from "../shared/http/paging.ts";

const tags = ["streams"];

const streamPath = z.object({ app: z.string(), name: z.string() });
const vhostQuery = z.object({ vhost: z.string().default(DEFAULT_VHOST) });
const sinkPath = streamPath.extend({ sink: z.string().describe("The plugin that writes: flv-record, fmp4, hls") });

const listQuery = pageQuery.extend({
  app: z.string().optional(),
  state: z.enum(["waiting", "live", "interrupted"]).optional(),
});

/** What the routes of one stream have in common. */
const oneStream = { path: "/streams/{app}/{name}", tags, request: { params: streamPath, query: vhostQuery } } as const;

/** What the routes of one that writes a stream have in common. */
const oneSink = {
  path: "/streams/{app}/{name}/sinks/{sink}",
  tags,
  request: { params: sinkPath, query: vhostQuery },
} as const;

/** What streams there are; stopping one, and starting and stopping what writes it. */
export function streamRoutes(ctx: PluginContext, census: Census): ApiRouter {
  const router = apiRouter();
  addList(router, ctx, census);
  addShow(router, ctx, census);
  addStop(router, ctx);
  addStartSink(router, ctx);
  addStopSink(router, ctx);
  return router;
}

function addList(router: ApiRouter, ctx: PluginContext, census: Census): void {
  const list = readRoute(
    ctx.guard,
    { path: "/streams", tags, request: { query: listQuery }, summary: "List streams" },
    "Streams, by name",
    pageOf(streamSchema),
  );
  router.openapi(list, (c) => {
    const { app, state, ...page } = c.req.valid("query");
    const found = [...ctx.streams.values()]
      .filter((stream) => (!app || stream.key.app === app) && (!state || stream.state === state))
      .sort((a, b) => a.id < b.id ? -1 : 1);
    const { items, ...rest } = paged(found, page);
    return c.json({ ...rest, items: items.map((stream) => streamAnswer(stream, ctx, census)) }, 200);
  });
}

function addShow(router: ApiRouter, ctx: PluginContext, census: Census): void {
  const show = readRoute(
    ctx.guard,
    { ...oneStream, summary: "Show a stream" },
    "The stream",
    streamSchema,
  );
  router.openapi(show, (c) => {
    const stream = findStream(ctx, idOf({ ...c.req.valid("param"), ...c.req.valid("query") }));
    return c.json(streamAnswer(stream, ctx, census), 200);
  });
}

function addStop(router: ApiRouter, ctx: PluginContext): void {
  const stop = changeRoute(
    ctx.guard,
    "delete",
    { ...oneStream, summary: "Stop a stream and send its publisher away" },
    "It has ended",
  );
  router.openapi(stop, async (c) => {
    const { id } = findStream(ctx, idOf({ ...c.req.valid("param"), ...c.req.valid("query") }));
    await conflictUnless(() => ctx.stop(id));
    return c.body(null, 204);
  });
}

function addStartSink(router: ApiRouter, ctx: PluginContext): void {
  const startSink = changeRoute(
    ctx.guard,
    "put",
    { ...oneSink, summary: "Write a stream down" },
    "It is written down",
  );
  router.openapi(startSink, async (c) => {
    const { sink, ...stream } = c.req.valid("param");
    const { id } = findStream(ctx, idOf({ ...stream, ...c.req.valid("query") }));
    await conflictUnless(() => findSink(ctx, sink).start(id));
    return c.body(null, 204);
  });
}

function addStopSink(router: ApiRouter, ctx: PluginContext): void {
  const stopSink = changeRoute(
    ctx.guard,
    "delete",
    { ...oneSink, summary: "Stop writing a stream down" },
    "It is complete",
  );
  router.openapi(stopSink, async (c) => {
    const { sink, ...stream } = c.req.valid("param");
    const { id } = findStream(ctx, idOf({ ...stream, ...c.req.valid("query") }));
    const control = findSink(ctx, sink);
    if (!control.runs.some(({ stream }) => stream === id)) throw new Problem(409, `${sink} does not write ${id}`);
    await conflictUnless(() => control.stop(id));
    return c.body(null, 204);
  });
}

/** A stream as the API shows it. */
function streamAnswer(stream: Stream, ctx: PluginContext, census: Census): z.output<typeof streamSchema> {
  const { stream: id, viewers: total, tracks, repairs, ...facts } = stream.toJSON();
  const { viewers: byProtocol, peakViewers } = census.audience(id);
  const now = ctx.clock.date().getTime();
  return {
    id,
    ...facts,
    seconds: Math.max(0, (now - stream.since.getTime()) / 1000),
    tracks: [...tracks],
    viewers: { total, peak: peakViewers, byProtocol },
    sinks: [...ctx.sinks].flatMap((sink) => sinkAnswers(sink, id)),
    repairs: { ...repairs },
    warnings: ctx.findings(stream).map(({ since, ...finding }) => ({ ...finding, since: since.toISOString() })),
  };
}

function sinkAnswers({ name, runs }: SinkControl, id: string) {
  return runs.filter(({ stream }) => stream === id)
    .map(({ state, since, problem }) => ({ sink: name, state, since: since.toISOString(), problem }));
}

function idOf({ vhost, app, name }: { vhost: string; app: string; name: string }): string {
  try {
    checkName("app", app);
    checkName("stream", name);
    return streamId(vhost, app, name);
  } catch (error) {
    if (error instanceof BadNameError) throw new Problem(400, error.message);
    throw error;
  }
}

function findStream(ctx: PluginContext, id: string): Stream {
  const stream = ctx.streams.get(id);
  if (!stream) throw new Problem(404, `There is no stream ${id}`);
  return stream;
}

function findSink(ctx: PluginContext, name: string): SinkControl {
  const sink = [...ctx.sinks].find((each) => each.name === name);
  if (sink) return sink;
  const known = [...ctx.sinks].map((each) => each.name).join(", ") || "none";
  throw new Problem(404, `No plugin ${name} writes streams down: there are ${known}`);
}

/** What the kernel refuses because of how things are just now. */
async function conflictUnless(change: () => void | Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (error instanceof RangeError) throw new Problem(409, error.message);
    throw error;
  }
}
