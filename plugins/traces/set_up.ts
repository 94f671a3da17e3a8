import { trace } from "@opentelemetry/api";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { SessionTraces } from "./session_traces.ts";

/** Begins to trace sessions. */
export function setUp(ctx: PluginContext): void {
  const spans = new SessionTraces(trace.getTracer("sluice"));
  ctx.decided((decided) => spans.decided(decided));
  ctx.on("session:end", (event) => spans.ended(event));
  ctx.on("stream:start", ({ session, stream }) => spans.publishes(session, stream));
  ctx.on("stream:resume", ({ session, stream }) => spans.publishes(session, stream));
  ctx.on("stream:track", ({ stream, packet: { kind, codec, track } }) => {
    spans.noted(stream, "track", { kind, codec, track });
  });
  ctx.on("stream:interrupt", ({ stream, reason }) => spans.published(stream.id, reason));
  ctx.on("stream:end", ({ stream, reason }) => spans.published(stream.id, reason));
  ctx.on("play:start", ({ session, stream }) => spans.plays(session, stream));
  ctx.on("play:end", (event) => spans.played(event));
}
