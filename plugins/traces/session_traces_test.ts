import { assertEquals } from "@std/assert";
import { type Context, INVALID_SPAN_CONTEXT, type Span, trace, type Tracer } from "@opentelemetry/api";
import { Refusal } from "../../kernel/reasons.ts";
import { OpenSession } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { SessionTraces } from "./session_traces.ts";

/** A tracer that notes what its spans are told, in order. */
class NotedTracer {
  readonly notes: string[] = [];

  startSpan(name: string, _options: unknown, context?: Context): Span {
    const parent = context && (trace.getSpan(context) as Span & { name?: string } | undefined)?.name;
    const full = parent === undefined ? name : `${parent} > ${name}`;
    const note = (text: string) => void this.notes.push(`${full}: ${text}`);
    note("starts");
    const span = {
      name: full,
      spanContext: () => INVALID_SPAN_CONTEXT,
      setAttribute: () => span,
      setAttributes: () => span,
      setStatus: ({ message }: { message?: string }) => (note(`error ${message}`), span),
      addEvent: (event: string) => (note(event), span),
      end: () => note("ends"),
    };
    return span as unknown as Span;
  }
}

function stage() {
  const tracer = new NotedTracer();
  const info = { protocol: "rtmp", remote: "192.0.2.7:5000" };
  const session = new OpenSession(info, collectLog().log, new FakeClock());
  return { tracer, session, traces: new SessionTraces(tracer as unknown as Tracer) };
}

const STREAM = { id: "live/cam" } as Stream;
const END = { detail: "", seconds: 1, bytes: 2 };

Deno.test("the span of a session that may not connect ends with the refusal", () => {
  const { tracer, session, traces } = stage();
  traces.decided({ name: "connect", session, ms: 1, refusal: new Refusal("denied", "No: key=sesame") });
  assertEquals(tracer.notes, [
    "session: starts",
    "session > decide connect: starts",
    "session > decide connect: error No: key=***",
    "session > decide connect: ends",
    "session: error No: key=***",
    "session: ends",
  ]);
});

Deno.test("who publishes again has a new span, and the old one has ended", () => {
  const { tracer, session, traces } = stage();
  traces.publishes(session, STREAM);
  traces.noted(STREAM, "track", {});
  traces.publishes(session, STREAM);
  traces.published(STREAM.id, "idle");
  traces.noted(STREAM, "track", {});
  traces.ended({ session, reason: "left", ...END });
  traces.ended({ session, reason: "left", ...END });
  assertEquals([tracer.notes, traces.size], [[
    "session: starts",
    "session > publish: starts",
    "session > publish: track",
    "session > publish: ends",
    "session > publish: starts",
    "session > publish: error idle",
    "session > publish: ends",
    "session: ends",
  ], 0]);
});

Deno.test("each stream that a session plays has a span of its own", () => {
  const { tracer, session, traces } = stage();
  const other = { id: "live/b" } as Stream;
  traces.plays(session, STREAM);
  traces.plays(session, other);
  traces.played({ session, stream: STREAM, skips: 1, reason: "too-slow", ...END, detail: "it took nothing" });
  assertEquals(traces.size, 1);
  traces.played({ session, stream: other, skips: 0, reason: "left", ...END });
  traces.played({ session, stream: other, skips: 0, reason: "left", ...END });
  assertEquals(tracer.notes.slice(3), [
    "session > play: error it took nothing",
    "session > play: ends",
    "session > play: ends",
  ]);
});

Deno.test("a session that plays one stream twice at once has a span for each time", () => {
  const { tracer, session, traces } = stage();
  for (let i = 0; i < 2; i++) traces.plays(session, STREAM);
  assertEquals(traces.size, 2);
  for (let i = 0; i < 2; i++) traces.played({ session, stream: STREAM, skips: 0, reason: "left", ...END });
  assertEquals([tracer.notes.filter((note) => note === "session > play: ends").length, traces.size], [2, 0]);
});
