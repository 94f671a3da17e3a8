import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { Draining } from "./draining.ts";
import { Flusher } from "./fanout/flusher.ts";
import { DataLock } from "./files/data_lock.ts";
import type { Files } from "./files/files.ts";
import { systemFiles } from "./files/system_files.ts";
import { createLogger, defaultSink, type Logger, type Sink } from "./log/log.ts";
import type { StreamKey } from "./names.ts";
import { type RecordedFeed, recordedFeed } from "./plugin/event_feed.ts";
import { HookBus } from "./plugin/hooks.ts";
import { Refusal } from "./reasons.ts";
import type { Session, SessionInfo } from "./sessions/session.ts";
import { Sessions } from "./sessions/sessions.ts";
import { SettingsInForce } from "./settings_in_force.ts";
import { EgressMeter } from "./streams/limits.ts";
import type { OpenPlayback } from "./streams/playback.ts";
import type { Publication } from "./streams/publication.ts";
import { Streams } from "./streams/streams.ts";

/** What a server is given, as far as its core is concerned. */
export interface CoreOptions {
  readonly clock?: Clock;
  readonly log?: Sink;
  readonly files?: Files;
}

/** A server without ports and plugins: its streams and sessions, and all that both need. */
export class ServerCore implements AsyncDisposable {
  readonly clock: Clock;
  readonly sink: Sink;
  readonly log: Logger;
  readonly files: Files;
  readonly inForce: SettingsInForce;
  readonly hooks: HookBus;
  readonly feed: RecordedFeed;
  readonly dataLock: DataLock;
  readonly flusher: Flusher;
  readonly sessions: Sessions;
  readonly draining: Draining;
  readonly streams: Streams;
  /** True once nobody is let in any more. */
  isStopping = false;
  readonly #egress: EgressMeter;

  constructor({ clock = systemClock, log, files = systemFiles }: CoreOptions, config: Config) {
    this.clock = clock;
    this.files = files;
    this.inForce = new SettingsInForce(config);
    this.sink = log ?? defaultSink(config.log.format);
    this.log = createLogger({ sink: this.sink, levels: this.inForce.levels, clock });
    this.hooks = new HookBus(this.log.child("hooks"), clock);
    this.feed = recordedFeed(this.hooks, clock, this.log);
    this.dataLock = new DataLock(files, config.dataDir, this.log.child("files"));
    this.flusher = new Flusher(clock, config.maxDelayMs);
    this.sessions = this.#openSessions();
    this.draining = new Draining({ clock, log: this.log, hooks: this.hooks, sessions: this.sessions.all });
    this.#egress = new EgressMeter(clock, this.sessions.all);
    this.streams = this.#openStreams();
  }

  /** Begins to measure what goes out, where that has a limit. */
  start(): void {
    this.#egress.isOn = this.inForce.config.limits.egressMbps > 0;
  }

  /** Takes other settings. */
  take(next: Config): void {
    this.inForce.take(next);
    this.flusher.maxDelayMs = next.maxDelayMs;
    this.#egress.isOn = next.limits.egressMbps > 0;
  }

  /** Lets a connection publish, as `PluginContext.publish` says. */
  publish(session: Session, key: StreamKey): Promise<Publication> {
    return this.#unlessDraining(session).publish(session, key);
  }

  /** Lets a connection play, as `PluginContext.play` says. */
  play(session: Session, key: StreamKey): Promise<OpenPlayback> {
    return this.#unlessDraining(session).play(session, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dataLock[Symbol.asyncDispose]();
    this.#egress[Symbol.dispose]();
    this.draining[Symbol.dispose]();
  }

  /** A connection from before that wants one more stream is as good as a new one. */
  #unlessDraining({ info }: { readonly info: SessionInfo }): Streams {
    const refusal = this.draining.refusal(info);
    if (refusal) throw refusal;
    return this.streams;
  }

  #openSessions(): Sessions {
    return new Sessions({
      clock: this.clock,
      log: this.log,
      hooks: this.hooks,
      closed: (info) => {
        return this.isStopping ? new Refusal("shutdown", "The server is stopping") : this.draining.refusal(info);
      },
      onOver: (session) => this.#egress.ended(session),
    });
  }

  #openStreams(): Streams {
    const { inForce } = this;
    const egress = this.#egress;
    return new Streams({
      clock: this.clock,
      flusher: this.flusher,
      log: this.log,
      hooks: this.hooks,
      rule: (key) => inForce.rules.of(key),
      get ring() {
        return inForce.ring;
      },
      get limits() {
        return inForce.config.limits;
      },
      get egressMbps() {
        return egress.mbps;
      },
      openInternal: (protocol) => this.sessions.openInternal(protocol),
    });
  }
}
