import process from "node:process";
import { Hono } from "hono";
import type { HttpEnv } from "../../../kernel/front.ts";
import type { PluginContext } from "../../../kernel/plugin.ts";
import type { Census } from "../../shared/census.ts";
import { thrownProblem } from "../../../kernel/problem.ts";
import { srsClient, srsId, srsStream } from "./shapes.ts";
import { srsSummaries } from "./summaries.ts";

/** SRS's error numbers for what is not there. */
const NO_STREAM = 2048;
const NO_CLIENT = 2049;

/** How many entries SRS lists unless it is told otherwise, and how many we list at most. */
const DEFAULT_COUNT = 10;
const MAX_COUNT = 10_000;

/**
 * The API as SRS has it, for tools that were made for it: versions, summaries, streams, clients, and sending one away. Its
 * addresses are the same as our own, so that it answers on a port of its own.
 */
export function srsRoutes(ctx: PluginContext, census: Census, version: string): Hono<HttpEnv> {
  const server = srsId("vid", crypto.randomUUID());
  const since = ctx.clock.now();
  const now = () => ctx.clock.date().getTime();
  const answer = (body: object, code = 0) => ({ code, server, service: "sluice", pid: String(process.pid), ...body });
  const published = () => [...ctx.streams.values()].filter(({ state }) => state !== "waiting");
  const findClient = (id: string) => [...ctx.sessions].find((session) => session.id === id);
  const srs = new Hono<HttpEnv>({ strict: false });
  srs.onError(thrownProblem);
  srs.get("*", ctx.guard("read"));
  srs.delete("*", ctx.guard("write"));

  srs.get("/api/v1/versions", (c) => {
    const [major, minor, revision] = version.split(/[.-]/).map(Number);
    return c.json(answer({ data: { major, minor, revision, version } }));
  });
  srs.get(
    "/api/v1/summaries",
    (c) => c.json(answer({ data: srsSummaries(version, (ctx.clock.now() - since) / 1000, now()) })),
  );
  srs.get("/api/v1/streams", (c) => {
    const streams = paged(published(), c.req.query()).map((stream) =>
      srsStream(stream, hostOf(c.req.header("host")), now())
    );
    return c.json(answer({ streams }));
  });
  srs.get("/api/v1/streams/:id", (c) => {
    const stream = published().find(({ id }) => srsId("sid", id) === c.req.param("id"));
    return c.json(
      stream ? answer({ stream: srsStream(stream, hostOf(c.req.header("host")), now()) }) : answer({}, NO_STREAM),
    );
  });
  srs.get("/api/v1/clients", (c) => {
    const clients = paged([...ctx.sessions], c.req.query())
      .map((session) => srsClient(session, census.part(session), hostOf(c.req.header("host"))));
    return c.json(answer({ clients }));
  });
  srs.get("/api/v1/clients/:id", (c) => {
    const session = findClient(c.req.param("id"));
    if (!session) return c.json(answer({}, NO_CLIENT));
    return c.json(answer({ client: srsClient(session, census.part(session), hostOf(c.req.header("host"))) }));
  });
  srs.delete("/api/v1/clients/:id", (c) => {
    const session = findClient(c.req.param("id"));
    session?.close("kicked");
    return c.json(session ? answer({}) : answer({}, NO_CLIENT));
  });
  return srs;
}

function paged<T>(all: readonly T[], { start, count }: Record<string, string>): readonly T[] {
  const from = Math.max(0, Number(start) || 0);
  return all.slice(from, from + Math.min(MAX_COUNT, Math.max(1, Number(count) || DEFAULT_COUNT)));
}

/** Where the server is reached, without the port of the API. */
function hostOf(header: string | undefined): string {
  return header?.replace(/:\d+$/, "") ?? "localhost";
}
