import type { RingLimits } from "../fanout/byte_ring.ts";
import { Flusher } from "../fanout/flusher.ts";
import { type Events, HookBus } from "../plugin/hooks.ts";
import { DEFAULT_VHOST, type StreamKey } from "../names.ts";
import type { OpenPlayback, Playback } from "../streams/playback.ts";
import type { OpenPublication, Publication } from "../streams/publication.ts";
import { OpenSession, type Session } from "../sessions/session.ts";
import { Streams } from "../streams/streams.ts";
import type { ServerLimits } from "../streams/limits.ts";
import type { StreamRule } from "../streams/stream_rules.ts";
import { collectLog } from "./collected_log.ts";
import { FakeClock } from "./fake_clock.ts";
import { packets } from "./packets.ts";
import { readText, textFormat } from "./text_format.ts";

/** The events that a {@linkcode House} writes down. */
const TOLD = [
  "stream:start",
  "stream:config",
  "stream:metadata",
  "stream:interrupt",
  "stream:resume",
  "stream:end",
  "play:start",
  "play:end",
] as const satisfies readonly (keyof Events)[];

/** What counts in a {@linkcode House} for all streams, and for the server. */
type HouseSettings = StreamRule & ServerLimits & { readonly limits: RingLimits };

const SETTINGS: HouseSettings = {
  republish: "auto",
  graceSeconds: 5,
  waitSeconds: 10,
  keepSeconds: 30,
  publishTimeoutSeconds: 10,
  limits: { bytes: 2 ** 20, ms: 10_000 },
  viewers: 0,
  publishKbps: 0,
  streams: 0,
  egressMbps: 0,
};

/** The streams of a server without the server: no socket, and time stands still until a test moves it. */
export class House {
  readonly clock = new FakeClock();
  readonly logged = collectLog("debug", this.clock);
  readonly hooks = new HookBus(this.logged.log, this.clock);
  readonly flusher = new Flusher(this.clock, 350);
  readonly sessions = new Set<Session>();
  /** What was told, as `event stream reason`. */
  readonly told: string[] = [];
  readonly streams: Streams;

  /** Of the server's limits `viewers` is left out: here it is that of each stream. */
  constructor(settings: Partial<HouseSettings> = {}) {
    const all = { ...SETTINGS, ...settings };
    this.streams = new Streams({
      clock: this.clock,
      flusher: this.flusher,
      log: this.logged.log,
      hooks: this.hooks,
      rule: () => all,
      ring: all.limits,
      limits: { ...all, viewers: 0 },
      egressMbps: 0,
      openInternal: (protocol) => this.session(protocol, "local"),
    });
    for (const name of TOLD) {
      this.hooks.on(
        name,
        (event) => {
          this.told.push([name, event.stream.id, "reason" in event ? event.reason : ""].join(" ").trim());
        },
        "house",
        0,
      );
    }
  }

  session(protocol = "test", remote = "127.0.0.1:5000"): OpenSession {
    const session = new OpenSession({ protocol, remote }, this.logged.log, this.clock);
    this.sessions.add(session);
    session.onClose(() => this.sessions.delete(session));
    return session;
  }

  async publish(name = "cam", session: Session = this.session("rtmp")): Promise<OpenPublication> {
    return await this.streams.publish(session, keyOf(name)) as OpenPublication;
  }

  async play(name = "cam", session: Session = this.session("http-flv")): Promise<OpenPlayback> {
    return await this.streams.play(session, keyOf(name)) as OpenPlayback;
  }

  /** What was told since the last time. */
  takeTold(): string[] {
    return this.told.splice(0);
  }
}

/** The key of `live/NAME`. */
export function keyOf(name: string): StreamKey {
  return { vhost: DEFAULT_VHOST, app: "live", name };
}

/** Writes packets as `packets` reads them, and flushes. */
export function write(publication: Publication, story: string): void {
  for (const packet of packets(story)) publication.write(packet);
  publication.flush();
}

/** A reader of the playback in {@linkcode textFormat}, as a function that reads all there is. */
export function reader(playback: Playback): () => string {
  const subscription = playback.read(textFormat());
  return () => readText(subscription).trim();
}
