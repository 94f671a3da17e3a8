import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { MetricSet } from "./registry.ts";

/** Bounds of how long a decision takes, in seconds: from none at all to those that another program makes. */
const DECISION_SECONDS = [0.0001, 0.001, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Bytes of those who have gone, by name. */
class Gone {
  readonly #bytes = new Map<string, number>();

  add(name: string, bytes: number): void {
    this.#bytes.set(name, (this.#bytes.get(name) ?? 0) + bytes);
  }

  forget(name: string): void {
    this.#bytes.delete(name);
  }

  /** A copy, to add those to who are there. */
  copy(): Map<string, number> {
    return new Map(this.#bytes);
  }
}

/** What goes in and out: all of it by protocol, and what each stream's players take. */
export function trafficMetrics(set: MetricSet, ctx: PluginContext, isPerStream: () => boolean): void {
  const [ins, outs] = [new Gone(), new Gone()];
  ctx.on("session:end", ({ session: { protocol, bytesIn, bytesOut } }) => {
    ins.add(protocol, bytesIn);
    outs.add(protocol, bytesOut);
  });
  set.reading("traffic_bytes_total", "Bytes of all sessions", () => {
    const [received, sent] = [ins.copy(), outs.copy()];
    for (const { protocol, bytesIn, bytesOut } of ctx.sessions) {
      received.set(protocol, (received.get(protocol) ?? 0) + bytesIn);
      sent.set(protocol, (sent.get(protocol) ?? 0) + bytesOut);
    }
    const samples = (bytes: Map<string, number>, direction: string) =>
      Array.from(bytes, ([protocol, value]) => ({ labels: { protocol, direction }, value }));
    return [...samples(received, "in"), ...samples(sent, "out")];
  });
  const taken = takenOf(ctx);
  set.reading("stream_bytes_out_total", "Bytes that its players took", () => {
    return isPerStream() ? Array.from(taken(), ([stream, value]) => ({ labels: { stream }, value })) : [];
  });
}

/** Follows who plays what; gives how much the players of each stream have taken, those who have left too. */
function takenOf(ctx: PluginContext): () => Map<string, number> {
  const gone = new Gone();
  /** What each session plays, and how much it had taken before. */
  const playing = new Map<Session, { readonly stream: string; readonly before: number }>();
  ctx.on("play:start", ({ stream, session }) => {
    playing.set(session, { stream: stream.id, before: session.bytesOut });
    gone.add(stream.id, 0);
  });
  ctx.on("play:end", ({ session }) => {
    const play = playing.get(session);
    playing.delete(session);
    if (play && ctx.streams.has(play.stream)) gone.add(play.stream, session.bytesOut - play.before);
  });
  ctx.on("stream:end", ({ stream }) => gone.forget(stream.id));
  return () => {
    const all = gone.copy();
    for (const [{ bytesOut }, { stream, before }] of playing) {
      const known = all.get(stream);
      if (known !== undefined) all.set(stream, known + bytesOut - before);
    }
    return all;
  };
}

/** What is asked before somebody connects, publishes or plays, and how long the answer takes. */
export function decisionMetrics(set: MetricSet, ctx: PluginContext): void {
  const counts = set.counter("decisions_total", "Questions whether somebody may do something", ["name", "answer"]);
  const seconds = set.histogram("decision_seconds", "How long the answer took", DECISION_SECONDS, ["name"]);
  ctx.decided(({ name, ms, refusal }) => {
    counts.inc({ name, answer: refusal ? "no" : "yes" });
    seconds.observe({ name }, ms / 1000);
  });
}
