import { assertEquals } from "@std/assert";
import { COUNTED_SESSIONS, FigureReader, type Look } from "./figures.ts";
import type { SessionState } from "./shapes.ts";

function session(id: string, bytesIn: number, bytesOut: number): SessionState {
  return { id, protocol: "rtmp", remote: "192.0.2.1:1", seconds: 1, bytesIn, bytesOut };
}

function look(cpuSeconds: number, items: SessionState[], more: { run?: string; total?: number } = {}): Look {
  const server = {
    version: "1",
    run: more.run ?? "a",
    seconds: 1,
    sessions: items.length,
    viewers: 0,
    memory: { rss: 1 },
    cpuSeconds,
    loopLagSeconds: 0,
    disk: {},
    sinks: [],
    role: "read" as const,
  };
  return {
    server,
    streams: { items: [], total: 0 },
    sessions: { items, total: more.total ?? items.length },
    answer: 0.01,
  };
}

Deno.test("what grows is known from the second look on", () => {
  const reader = new FigureReader();
  const first = reader.read(look(1, [session("x", 0, 1000)]), 10);
  assertEquals([first.sent, first.cpu, reader.rateOf("x")], [null, null, undefined]);
  const second = reader.read(look(1.5, [session("x", 500, 3000), session("y", 0, 9999)]), 12);
  assertEquals([second.sent, second.cpu, reader.rateOf("x"), reader.rateOf("y")], [8000, 0.25, 1250, undefined]);
});

Deno.test("a server that was started anew is not taken for one that uses less than nothing", () => {
  const reader = new FigureReader();
  reader.read(look(100, []), 10);
  assertEquals(reader.read(look(1, [], { run: "b" }), 12).cpu, null);
});

Deno.test("when not all sessions are listed, nothing is said of what is sent to all", () => {
  const reader = new FigureReader();
  reader.read(look(1, []), 10);
  assertEquals(reader.read(look(1, [], { total: COUNTED_SESSIONS + 1 }), 12).sent, null);
});
