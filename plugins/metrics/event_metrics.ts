import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { MetricSet } from "./registry.ts";

/** Bounds of how long people watch, in seconds. */
const WATCHED_SECONDS = [1, 10, 60, 300, 1800, 7200];

/** Figures of what has happened since the server was started. */
export function eventMetrics(set: MetricSet, ctx: PluginContext): void {
  const sessions = set.counter("sessions_total", "Sessions that were opened", ["protocol"]);
  const sessionEnds = set.counter("session_ends_total", "Sessions that have ended", ["protocol", "reason"]);
  const bytes = set.counter("session_bytes_total", "Bytes of the sessions that have ended", ["protocol", "direction"]);
  ctx.on("session:start", ({ session }) => sessions.inc({ protocol: session.protocol }));
  ctx.on("session:end", ({ session, reason }) => {
    const { protocol, bytesIn, bytesOut } = session;
    sessionEnds.inc({ protocol, reason });
    bytes.inc({ protocol, direction: "in" }, bytesIn);
    bytes.inc({ protocol, direction: "out" }, bytesOut);
  });
  streamEvents(set, ctx);
  playEvents(set, ctx);
  artifactEvents(set, ctx);
  liveSessions(set, ctx);
}

function streamEvents(set: MetricSet, ctx: PluginContext): void {
  const publishes = set.counter("publishes_total", "Publishers that began or returned", ["protocol"]);
  const ends = set.counter("stream_ends_total", "Streams that have ended", ["reason"]);
  const interrupts = set.counter("stream_interrupts_total", "Publishers that vanished", ["reason"]);
  ctx.on("stream:start", ({ session }) => publishes.inc({ protocol: session.protocol }));
  ctx.on("stream:resume", ({ session }) => publishes.inc({ protocol: session.protocol }));
  ctx.on("stream:interrupt", ({ reason }) => interrupts.inc({ reason }));
  ctx.on("stream:end", ({ reason }) => ends.inc({ reason }));
}

function playEvents(set: MetricSet, ctx: PluginContext): void {
  const plays = set.counter("plays_total", "Players that began", ["protocol"]);
  const skips = set.counter("play_skips_total", "Jumps of players that were too slow", ["protocol"]);
  const watched = set.histogram("play_seconds", "How long players stayed", WATCHED_SECONDS, ["protocol"]);
  ctx.on("play:start", ({ session }) => plays.inc({ protocol: session.protocol }));
  ctx.on("play:end", ({ session: { protocol }, skips: count, seconds }) => {
    skips.inc({ protocol }, count);
    watched.observe({ protocol }, seconds);
  });
}

function artifactEvents(set: MetricSet, ctx: PluginContext): void {
  const complete = set.counter("recordings_total", "Recordings that are complete", ["sink"]);
  const bytes = set.counter("recording_bytes_total", "Their size", ["sink"]);
  const segments = set.counter("segments_total", "Segments that were written", ["sink"]);
  const failures = set.counter("sink_failures_total", "How often a sink could not go on", ["sink"]);
  const removals = set.counter("recordings_removed_total", "Recordings that were removed", ["sink"]);
  ctx.on("artifact:segment", ({ by }) => segments.inc({ sink: by }));
  ctx.on("artifact:fail", ({ by }) => failures.inc({ sink: by }));
  ctx.on("artifact:remove", ({ by }) => removals.inc({ sink: by }));
  ctx.on("artifact:complete", ({ by, bytes: size = 0 }) => {
    complete.inc({ sink: by });
    bytes.inc({ sink: by }, size);
  });
  set.gauge("sink_runs", "Streams that sinks write just now", () => {
    return [...ctx.sinks].flatMap(({ name: sink, runs }) =>
      Array.from(counted(runs, ({ state }) => state), ([state, value]) => ({ labels: { sink, state }, value }))
    );
  });
}

function liveSessions(set: MetricSet, ctx: PluginContext): void {
  set.gauge("sessions", "Sessions that are open", () => {
    return Array.from(counted(ctx.sessions, ({ protocol }: Session) => protocol), ([protocol, value]) => ({
      labels: { protocol },
      value,
    }));
  });
}

function counted<T>(all: Iterable<T>, keyOf: (each: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of all) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return counts;
}
