import { assert, assertEquals } from "@std/assert";
import type { ConnectionEvents, ConnectionRequest, FailureKind } from "./connection.ts";
import { LivePlayer, type Phase } from "./live_player.ts";
import type { LiveStream } from "../shared/live_stream.ts";

const demo: LiveStream = {
  path: "live/demo",
  app: "live",
  name: "demo",
  state: "live",
  since: "2026-01-01T00:00:00.000Z",
  viewers: 0,
  video: { codec: "avc", codecString: "avc1.64001f" },
  audio: { codec: "aac", codecString: "mp4a.40.2" },
  publisher: true,
};

interface FakeConnection {
  readonly request: ConnectionRequest;
  readonly events: ConnectionEvents;
  isOpen: boolean;
}

/** A page without a browser: connections that a test speaks for, and timers that it fires. */
class FakePage {
  readonly connections: FakeConnection[] = [];
  readonly timers = new Set<{ readonly callback: () => void; readonly ms: number }>();
  refreshes = 0;
  transport = "http";
  lacking: string | undefined;
  readonly player = new LivePlayer({
    connect: (request, events) => {
      const connection = { request, events, isOpen: true };
      this.connections.push(connection);
      return { [Symbol.dispose]: () => void (connection.isOpen = false) };
    },
    address: (path) => `${this.transport}://here/${path}.flv`,
    unplayable: () => this.lacking,
    later: (callback, ms) => {
      const timer = { callback, ms };
      this.timers.add(timer);
      return () => void this.timers.delete(timer);
    },
    onChange: () => {},
    refresh: () => void this.refreshes++,
  });

  get connection(): FakeConnection {
    return this.connections.at(-1)!;
  }

  get phase(): Phase {
    return this.player.status.phase;
  }

  /** The wait of the only timer there is; undefined when there is none. */
  get wait(): number | undefined {
    assert(this.timers.size <= 1, "two timers at once");
    return [...this.timers][0]?.ms;
  }

  /** Fires the only timer there is. */
  elapse(): void {
    const [timer] = this.timers;
    this.timers.delete(timer);
    timer.callback();
  }

  fail(kind: FailureKind): void {
    this.connection.events.onFailed({ kind, detail: "" });
  }
}

function playing(): FakePage {
  const page = new FakePage();
  page.player.choose(demo.path, demo);
  page.player.inform(demo);
  page.connection.events.onPlaying();
  return page;
}

Deno.test("nothing is played until a stream is chosen", () => {
  const page = new FakePage();
  page.player.inform(undefined);
  assertEquals(page.phase, "idle");
  assertEquals(page.connections.length, 0);
});

Deno.test("a chosen stream is connected to at once, and plays when its picture moves", () => {
  const page = new FakePage();
  page.player.choose(demo.path, undefined);
  assertEquals(page.phase, "connecting");
  assertEquals(page.connection.request, { url: "http://here/live/demo.flv" });
  page.connection.events.onPlaying();
  assertEquals(page.phase, "playing");
});

Deno.test("choosing another stream closes the first", () => {
  const page = playing();
  page.player.choose("live/other", undefined);
  assertEquals(page.connections.map(({ isOpen }) => isOpen), [false, true]);
  assertEquals(page.connection.request.url, "http://here/live/other.flv");
});

Deno.test("another transport means another connection to the same stream", () => {
  const page = playing();
  page.transport = "ws";
  page.player.reconnect();
  assertEquals(page.connection.request.url, "ws://here/live/demo.flv");
  assertEquals(page.connections[0].isOpen, false);
});

Deno.test("a picture that stands for a moment only is not worth a word", () => {
  const page = playing();
  page.connection.events.onStalled();
  assertEquals(page.phase, "playing");
  page.connection.events.onPlaying();
  assertEquals(page.wait, undefined);
});

Deno.test("a picture that stands and moves again goes through stalled", () => {
  const page = playing();
  page.connection.events.onStalled();
  page.elapse();
  assertEquals(page.phase, "stalled");
  page.connection.events.onPlaying();
  assertEquals(page.phase, "playing");
});

Deno.test("an ended stream keeps its last picture, and plays again when the server lists it", () => {
  const page = playing();
  page.connection.events.onEnded();
  assertEquals(page.phase, "ended");
  assert(page.connection.isOpen);
  page.elapse();
  assertEquals(page.refreshes, 1);
  page.player.inform(undefined);
  assertEquals([page.phase, page.connections.length], ["ended", 1]);
  page.player.inform(demo);
  assertEquals([page.phase, page.connections.length], ["connecting", 2]);
});

Deno.test("an end after which the server does not answer was none: it is asked again until it does", () => {
  const page = playing();
  page.connection.events.onEnded();
  page.elapse();
  page.player.miss();
  assertEquals([page.phase, page.player.status.failure?.kind, page.wait], ["failed", "lost", 500]);
  page.player.miss();
  page.elapse();
  assertEquals([page.phase, page.connections.length], ["connecting", 2]);
});

Deno.test("while a picture moves it says nothing that the list of streams is out of reach", () => {
  const page = playing();
  page.player.miss();
  assertEquals([page.phase, page.connections.length], ["playing", 1]);
});

Deno.test("pictures that drain after the end do not make it play", () => {
  const page = playing();
  page.connection.events.onEnded();
  page.connection.events.onPlaying();
  assertEquals(page.phase, "ended");
});

Deno.test("a lost connection is tried again, ever more patiently", () => {
  const page = playing();
  const waits = Array.from({ length: 6 }, () => {
    page.fail("lost");
    const wait = page.wait;
    page.elapse();
    return wait;
  });
  assertEquals(waits, [500, 1000, 2000, 4000, 4000, 4000]);
  page.connection.events.onPlaying();
  page.fail("lost");
  assertEquals(page.wait, 500);
});

Deno.test("an absent stream is connected to as soon as the server lists it", () => {
  const page = new FakePage();
  page.player.choose(demo.path, undefined);
  page.fail("absent");
  page.player.inform(undefined);
  assertEquals(page.connections.length, 1);
  page.player.inform(demo);
  assertEquals(page.connections.length, 2);
});

Deno.test("an absent stream is asked for now and then, for another server may have it", () => {
  const page = new FakePage();
  page.player.choose(demo.path, undefined);
  page.fail("absent");
  page.elapse();
  assertEquals(page.connections.length, 2);
});

Deno.test("a refusal stands until the viewer tries again", () => {
  const page = playing();
  page.fail("refused");
  page.player.inform(demo);
  assertEquals([page.phase, page.wait, page.connections.length], ["failed", undefined, 1]);
  page.player.reconnect();
  assertEquals(page.connections.length, 2);
});

Deno.test("a stream with a codec that the browser lacks is not even asked for", () => {
  const page = new FakePage();
  page.lacking = "H.265";
  page.player.choose(demo.path, demo);
  assertEquals(page.player.status.failure, { kind: "unplayable", detail: "H.265" });
  assertEquals(page.connections.length, 0);
});

Deno.test("a stream that began anew after it was unplayable gets another chance", () => {
  const page = new FakePage();
  page.lacking = "H.265";
  page.player.choose(demo.path, demo);
  page.lacking = undefined;
  page.player.inform(demo);
  assertEquals(page.connections.length, 0);
  page.player.inform({ ...demo, since: "2026-01-01T00:10:00.000Z" });
  assertEquals(page.connections.length, 1);
});

Deno.test("tracks that a stream is known not to have are not waited for, and fetched when they turn up", () => {
  const page = new FakePage();
  page.player.choose(demo.path, { ...demo, audio: null });
  assertEquals(page.connection.request.hasAudio, false);
  page.connection.events.onPlaying();
  page.player.inform({ ...demo, audio: null });
  assertEquals(page.connections.length, 1);
  page.player.inform(demo);
  assertEquals(page.connections.length, 2);
  assertEquals(page.connection.request.hasAudio, undefined);
});

Deno.test("a stream of which no track is known yet is played whatever it has", () => {
  const page = new FakePage();
  page.player.choose(demo.path, { ...demo, video: null, audio: null });
  assertEquals(page.connection.request, { url: "http://here/live/demo.flv" });
});

Deno.test("a short pause keeps the connection, a long one gives it up until the viewer is back", () => {
  const page = playing();
  page.player.pause();
  page.player.resume();
  assertEquals(page.wait, undefined);
  page.player.pause();
  page.elapse();
  assertEquals([page.phase, page.connection.isOpen], ["resting", false]);
  page.player.inform(demo);
  assertEquals(page.connections.length, 1);
  page.player.resume();
  assertEquals([page.phase, page.connections.length], ["connecting", 2]);
});
