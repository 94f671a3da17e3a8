import { z } from "zod";
import type { Verdict } from "../../kernel/plugin/hooks.ts";
import type { StreamKey } from "../../kernel/names.ts";
import { isStreamPattern, type StreamMatcher, streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { WAIT_PARAM, wishOf } from "../../kernel/streams/streams.ts";
import { definePlugin, type PluginContext, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { addressFor, templateFault, wholeTemplate } from "../shared/relay/address.ts";
import { PushThrough } from "../shared/relay/push_through.ts";
import { Choice, CHOICES } from "../shared/relay/choice.ts";
import { hopFault, withHops } from "../shared/relay/hops.ts";
import { PulledSource, WAIT_SECONDS } from "../shared/relay/pulled_source.ts";
import { ViewerCheck } from "./viewer_check.ts";

const address: z.ZodString = z.string().refine((text) => templateFault(text) === undefined, {
  error: ({ input }) => templateFault(String(input)) ?? "it is no address",
});

/** Where some of the streams are fetched, and how. */
type RouteShape = z.ZodObject<{
  streams: z.ZodDefault<z.ZodArray<z.ZodString>>;
  servers: z.ZodArray<z.ZodString>;
  choice: z.ZodDefault<z.ZodEnum<z.core.util.ToEnum<(typeof CHOICES)[number]>>>;
  passQuery: z.ZodDefault<z.ZodBoolean>;
  checkViewers: z.ZodDefault<z.ZodBoolean>;
  publish: z.ZodDefault<z.ZodBoolean>;
}, z.core.$strict>;

const route: RouteShape = z.strictObject({
  streams: z.array(z.string().refine(isStreamPattern, { error: "it is no pattern of streams such as live/*" })).min(1)
    .default(["*"]),
  servers: z.array(address).min(1),
  choice: z.enum(CHOICES).default("order"),
  passQuery: z.boolean().default(false),
  checkViewers: z.boolean().default(false),
  publish: z.boolean().default(false),
});

/** The settings of the edge. */
type UpstreamConfig = z.ZodObject<{
  routes: z.ZodDefault<z.ZodArray<RouteShape>>;
  id: z.ZodOptional<z.ZodString>;
}>;

const config: UpstreamConfig = z.object({
  routes: z.array(route).default([]).meta({
    description:
      "Where streams that are not here are fetched: a list of { streams, servers, choice, passQuery, checkViewers, " +
      "publish }; servers are servers or addresses with {vhost} {app} {stream}, the first route that fits counts",
    allowed: "a list of { streams, servers, choice, passQuery, checkViewers, publish }",
  }),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).optional().describe(
    "This server's name among servers that ask each other, which keeps them from asking in a circle; made up when absent",
  ),
});

interface Route {
  readonly matches: StreamMatcher;
  readonly choice: Choice;
  readonly passQuery: boolean;
  readonly checkViewers: boolean;
  readonly publish: boolean;
}

/** Makes this server an edge of others: streams that are not here come from there, and publishers are passed on. */
export const upstream: PluginFactory<UpstreamConfig> = definePlugin({
  name: "upstream",
  config,
  setup(ctx, { routes, id = crypto.randomUUID().slice(0, 8) }) {
    let ways: readonly Route[] = [];
    let isOn = false;
    const take = (routes: z.output<typeof config>["routes"]) => {
      ways = routes.map((route) => wayTo(route, ctx));
      if (ways.length === 0 || isOn) return;
      isOn = true;
      follow(ctx, id, (key) => ways.find(({ matches }) => matches(key)));
    };
    take(routes);
    return { takes: ["routes"], reload: ({ routes }) => () => take(routes) };
  },
});

export default upstream;

function wayTo({ streams, servers, choice, ...rest }: z.output<RouteShape>, { clock }: PluginContext): Route {
  return { matches: streamMatcher(streams), choice: new Choice(choice, servers.map(wholeTemplate), clock), ...rest };
}

/** Fetches, checks and passes on as the ways say that there are at the time. */
function follow(ctx: PluginContext, id: string, wayOf: (key: StreamKey) => Route | undefined): void {
  refuseCircles(ctx, id);
  const check = new ViewerCheck(ctx);
  ctx.decide("resolve", ({ session, key, stream, waitSeconds }) => {
    const way = wayOf(key);
    if (!way) return;
    const takesQuery = way.passQuery || way.checkViewers;
    const addressAt = (server: string, seconds: number) =>
      withWait(withHops(addressFor(server, key), check.paramsOf(stream) ?? session.params, id, takesQuery), seconds);
    return new PulledSource(ctx, { stream, choice: way.choice, waitSeconds, addressAt });
  });
  ctx.decide("play", ({ session, key, stream }, signal) => {
    const way = wayOf(key);
    if (!way?.checkViewers) return;
    const { params } = session;
    const waitSeconds = Math.min(WAIT_SECONDS, wishOf(session));
    const addressAt = (server: string) => withWait(withHops(addressFor(server, key), params, id, true), 0);
    return check.decide({ stream, params, waitSeconds, choice: way.choice, addressAt }, signal);
  });
  ctx.on("stream:end", ({ stream }) => check.forget(stream.id));
  pushThrough(ctx, wayOf, id);
}

/** Servers like this one understand for how long they are to wait for a stream's publisher; others take no notice. */
function withWait(address: string, seconds: number): string {
  return `${address}&${WAIT_PARAM}=${seconds}`;
}

/** A request that has come through here already goes nowhere. */
function refuseCircles(ctx: PluginContext, id: string): void {
  for (const name of ["publish", "play"] as const) {
    ctx.decide(name, ({ session, stream }): Verdict => {
      const fault = hopFault(session.params, id);
      if (fault) return { deny: `Cannot pass ${stream} on: ${fault}` };
    });
  }
}

/** What is published here goes where it would have been fetched from. */
function pushThrough(ctx: PluginContext, wayOf: (key: StreamKey) => Route | undefined, id: string): void {
  const through = new PushThrough(ctx);
  ctx.on("stream:start", ({ stream, session }) => {
    const way = wayOf(stream.key);
    if (!way?.publish || session.protocol === "upstream") return;
    through.begin(stream, session, {
      choice: way.choice,
      addressAt: (server, params) =>
        withHops(addressFor(server, stream.key), params, id, way.passQuery || way.checkViewers).replace(
          /\.flv(?=\?|$)/,
          "",
        ),
    });
  });
  ctx.defer(() => through[Symbol.asyncDispose]());
}
