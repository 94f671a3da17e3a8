import type { PluginContext } from "../../kernel/plugin.ts";
import { trace } from "@opentelemetry/api";
import { SessionTraces } from "./session_traces.ts";

/** Follows sessions, where traces are recorded. */
export function setUp(ctx: PluginContext): void {
  const tracer = trace.getTracer("sluice");
  if (!tracer.startSpan("start").isRecording()) return;
  const spans = new SessionTraces(tracer);
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
