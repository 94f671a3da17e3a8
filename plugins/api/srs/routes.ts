import process from "node:process";
import { type Context, Hono } from "hono";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { Stream } from "../../../kernel/streams/stream.ts";
import type { Census } from "../../shared/census.ts";
import { thrownProblem } from "../../../kernel/front/problem.ts";
import { srsClient, srsId, srsStream } from "./shapes.ts";
import { srsSummaries } from "./summaries.ts";

/** SRS's error numbers for what is not there. */
const NO_STREAM = 2048;
const NO_CLIENT = 2049;

/** How many entries SRS lists unless it is told otherwise, and how many we list at most. */
const DEFAULT_COUNT = 10;
const MAX_COUNT = 10_000;

/** What SRS puts around whatever it answers; `code` is one of its error numbers, 0 for none. */
type Answer = (body: object, code?: number) => object;

/**
 * The API as SRS has it, for tools that were made for it: versions, summaries, streams, clients, and sending one away. Its
 * addresses are the same as our own, so that it answers on a port of its own.
 */
export function srsRoutes(ctx: PluginContext, census: Census, version: string): Hono<HttpEnv> {
  const server = srsId("vid", crypto.randomUUID());
  const answer: Answer = (body, code = 0) => ({
    code,
    server,
    service: "sluice",
    pid: String(process.pid),
    ...body,
  });
  const srs = new Hono<HttpEnv>({ strict: false });
  srs.onError(thrownProblem);
  srs.get("*", ctx.guard("read"));
  srs.delete("*", ctx.guard("write"));
  addServer(srs, ctx, version, answer);
  addStreams(srs, ctx, answer);
  addClients(srs, ctx, census, answer);
  return srs;
}

function addServer(srs: Hono<HttpEnv>, { clock }: PluginContext, version: string, answer: Answer): void {
  const since = clock.now();
  srs.get("/api/v1/versions", (c) => {
    const [major, minor, revision] = version.split(/[.-]/).map(Number);
    return c.json(answer({ data: { major, minor, revision, version } }));
  });
  srs.get("/api/v1/summaries", (c) => {
    const data = srsSummaries(version, (clock.now() - since) / 1000, clock.date().getTime());
    return c.json(answer({ data }));
  });
}

function addStreams(srs: Hono<HttpEnv>, ctx: PluginContext, answer: Answer): void {
  const published = () => [...ctx.streams.values()].filter(({ state }) => state !== "waiting");
  const shown = (stream: Stream, c: Context) =>
    srsStream(stream, hostOf(c.req.header("host")), ctx.clock.date().getTime());
  srs.get("/api/v1/streams", (c) => {
    const streams = paged(published(), c.req.query()).map((stream) => shown(stream, c));
    return c.json(answer({ streams }));
  });
  srs.get("/api/v1/streams/:id", (c) => {
    const stream = published().find(({ id }) => srsId("sid", id) === c.req.param("id"));
    return c.json(stream ? answer({ stream: shown(stream, c) }) : answer({}, NO_STREAM));
  });
}

function addClients(srs: Hono<HttpEnv>, { sessions }: PluginContext, census: Census, answer: Answer): void {
  const find = (id: string) => [...sessions].find((session) => session.id === id);
  const shown = (session: Session, c: Context) =>
    srsClient(session, census.part(session), hostOf(c.req.header("host")));
  srs.get("/api/v1/clients", (c) => {
    const clients = paged([...sessions], c.req.query()).map((session) => shown(session, c));
    return c.json(answer({ clients }));
  });
  srs.get("/api/v1/clients/:id", (c) => {
    const session = find(c.req.param("id"));
    return c.json(session ? answer({ client: shown(session, c) }) : answer({}, NO_CLIENT));
  });
  srs.delete("/api/v1/clients/:id", (c) => {
    const session = find(c.req.param("id"));
    session?.close("kicked");
    return c.json(session ? answer({}) : answer({}, NO_CLIENT));
  });
}

function paged<T>(all: readonly T[], { start, count }: Record<string, string>): readonly T[] {
  const from = Math.max(0, Number(start) || 0);
  return all.slice(from, from + Math.min(MAX_COUNT, Math.max(1, Number(count) || DEFAULT_COUNT)));
}

/** Where the server is reached, without the port of the API. */
function hostOf(header: string | undefined): string {
  return header?.replace(/:\d+$/, "") ?? "localhost";
}
