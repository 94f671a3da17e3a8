import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log/log.ts";
import type { RenditionReport } from "../../media/hls/media_playlist.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { CommonTime } from "./window/groups.ts";
import type { Resource } from "../shared/serving/resource.ts";
import { livePlaylist, type LivePlaylistOptions, type PlaylistView } from "./window/live_playlist.ts";
import { LiveWindow } from "./window/live_window.ts";
import { playlistResource } from "./serving/playlist_resource.ts";
import type { Recorder } from "./recording/recorder.ts";
import { RenditionWarnings } from "./rendition_warnings.ts";
import { openSegmentMuxer } from "./segments/segment_muxer.ts";
import type { CutStart } from "./segments/cut.ts";
import { MAX_SEGMENT, Segmenter } from "./segments/segmenter.ts";
import { SegmentKeys } from "./window/segment_keys.ts";
import { sequenceOrigin, unusedPrefix } from "./window/sequence.ts";
import type { HlsSettings } from "./settings.ts";
import { Waiting } from "./serving/waiting.ts";
import type { WindowSegment } from "./window/window_segment.ts";

/** What a rendition works with. */
export interface RenditionOptions {
  /** The stream, as messages name it. */
  readonly title: string;
  /** The file name of its media playlist. */
  readonly uri: string;
  /** The video track it is made of; sound is always the main track. */
  readonly video: number;
  /** What it has in common with the others of its group; its segments are cut where theirs are. */
  readonly common?: CommonTime;
  /** Whether segments are cut at multiples of their length, as those of other streams are. */
  readonly isAligned: boolean;
  /** Where segments are recorded, if they are. */
  readonly recorder?: Recorder;
  readonly settings: HlsSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

const SECOND = 1_000_000;

/** So many forms of a playlist are kept until it changes; where each viewer's addresses have a query of their own, each has one. */
const MAX_SERVED = 64;

/** How far a measured frame rate may be from the true one. */
const TREMBLE = 0.15;

/** The interval of frames when none was measured, in microseconds. */
const USUAL_INTERVAL = 40_000;

/**
 * How long parts are, in microseconds. Encrypted segments have none: encryption is for keeping out, not for haste, and each part
 * would have to be padded and encrypted by itself.
 */
function partTime({ lowLatency, partMs, encryption }: HlsSettings): number | undefined {
  return lowLatency && !encryption.enabled ? partMs * 1000 : undefined;
}

/** One media playlist and its segments: one video track of a stream with the sound, or sound alone. */
export class Rendition {
  readonly uri: string;
  readonly waiting: Waiting;
  readonly window: LiveWindow;
  /** What segments are encrypted with, if they are. */
  readonly keys: SegmentKeys | undefined;
  readonly #options: RenditionOptions;
  /** Playlists as they are served, by what was asked for. */
  readonly #served = new Map<string, Resource>();
  #segmenter: Segmenter | undefined;
  #warnings: RenditionWarnings;
  #dayStart = 0;
  #longestKeyInterval = 0;
  #frameInterval: number | undefined;

  constructor(options: RenditionOptions) {
    const { settings, clock } = options;
    this.#options = options;
    this.#warnings = new RenditionWarnings(options);
    this.uri = options.uri;
    this.waiting = new Waiting(clock);
    const prefix = unusedPrefix();
    const { enabled, segmentsPerKey } = settings.encryption;
    this.keys = enabled ? new SegmentKeys(segmentsPerKey, settings.windowSegments * 2 + 1, prefix) : undefined;
    this.window = new LiveWindow({
      segments: settings.windowSegments,
      segment: settings.segmentSeconds * SECOND,
      part: partTime(settings),
      prefix,
      common: options.common,
      keys: this.keys,
      origin: sequenceOrigin(clock.date()),
    });
    this.window.onChange = () => this.#changed();
    const { recorder } = options;
    if (recorder) this.window.onSegment = (...complete) => this.#record(recorder, ...complete);
  }

  /** Why there is nothing to show, in words, if it will not come by waiting. */
  get problem(): string | undefined {
    const codecs = this.#segmenter?.unusable;
    return codecs && `${this.#options.title} has nothing that HLS can carry, only ${codecs.join(" and ")}`;
  }

  /** Frames a second, as measured; undefined while nothing is. What is nearly a whole number is one: stamps tremble. */
  get frameRate(): number | undefined {
    if (!this.#frameInterval) return undefined;
    const rate = SECOND / this.#frameInterval;
    return Math.abs(rate - Math.round(rate)) < TREMBLE ? Math.round(rate) : rate;
  }

  /** Begins with a writer's first packet; what was there before goes on behind a discontinuity. */
  begin(): void {
    const { settings, clock, video, isAligned } = this.#options;
    const last = this.window.segments.at(-1);
    this.window.reopen();
    this.#served.clear();
    this.#warnings = new RenditionWarnings(this.#options);
    this.#longestKeyInterval = 0;
    this.#dayStart = clock.date().getTime() - clock.now();
    this.#segmenter = new Segmenter({
      container: settings.container,
      segment: settings.segmentSeconds * SECOND,
      part: partTime(settings),
      numbers: { video, audio: 0 },
      isAligned,
      before: last && (last.map === undefined ? "ts" : "fmp4"),
      openMuxer: openSegmentMuxer,
    }, this.#listener());
    this.#keepPromises();
  }

  /** Takes a packet of the stream. */
  write(packet: MediaPacket): void {
    if (!this.#segmenter) return;
    this.#segmenter.write(packet);
    this.#frameInterval = this.#segmenter.frameInterval;
    if (this.window.wantsArrivals) this.window.noteArrival(packet.dts, this.#dayStart + this.#options.clock.now());
  }

  /** Completes the segment in progress; unless the stream may go on, the playlist ends. */
  finish(mayGoOn: boolean): void {
    this.#segmenter?.finish();
    this.#segmenter = undefined;
    if (!mayGoOn) this.window.finish();
  }

  /** The playlist as it is now; undefined while there is not enough to show. The targets are promised with the first. */
  playlist(options: LivePlaylistOptions = {}): string | undefined {
    if (!this.window.isReady) return undefined;
    this.#promise();
    this.window.noteShown();
    return livePlaylist(this.window, options);
  }

  /** The same as it is served: one for all who ask for the same, with the same addresses of other renditions. */
  served({ skip, isBeforeEnd }: PlaylistView, reports: readonly RenditionReport[]): Resource | undefined {
    const others = reports.map(({ uri, lastMsn, lastPart }) => `${uri} ${lastMsn} ${lastPart}`);
    const view = [skip, isBeforeEnd, ...others].join(" ");
    const known = this.#served.get(view);
    if (known) return known;
    const text = this.playlist({ skip, isBeforeEnd, reports });
    if (text === undefined) return undefined;
    const resource = playlistResource(text);
    if (this.#served.size < MAX_SERVED) this.#served.set(view, resource);
    return resource;
  }

  /** How far it is, for the playlists of the others of its group, in which `uri` leads to it. */
  report(uri: string): RenditionReport | undefined {
    const { segments, open } = this.window;
    const parts = open?.parts.length ?? 0;
    if (open && parts > 0) return { uri, lastMsn: open.msn, lastPart: parts - 1 };
    const last = segments.at(-1);
    return last && { uri, lastMsn: last.msn, lastPart: last.parts.length > 0 ? last.parts.length - 1 : undefined };
  }

  #record(recorder: Recorder, segment: WindowSegment, bytes: Uint8Array, init: Uint8Array | undefined): void {
    this.#promise();
    const { name, duration, isDiscontinuous: discontinuity } = segment;
    const extension = name.slice(name.lastIndexOf("."));
    const programDateTime = this.window.dateOf(segment);
    recorder.add(
      { bytes, init, extension, discontinuity, programDateTime, duration: duration / SECOND },
      this.window.target!,
    );
  }

  #promise(): void {
    const longest = Math.max(this.#segmenter?.elapsed ?? 0, Math.min(this.#longestKeyInterval, MAX_SEGMENT));
    this.window.promise(this.#frameInterval ?? USUAL_INTERVAL, longest);
    this.#keepPromises();
  }

  #keepPromises(): void {
    const { maxSegment, partTarget } = this.window;
    if (!this.#segmenter) return;
    if (maxSegment !== undefined) this.#segmenter.maxSegment = maxSegment;
    if (partTarget !== undefined) this.#segmenter.maxPart = partTarget;
  }

  #changed(): void {
    this.#served.clear();
    this.waiting.notify();
  }

  #listener() {
    const { window } = this;
    return {
      start: (start: CutStart) => {
        window.start(start);
        this.#warnings.leftOut(start.leftOut);
      },
      part: window.part.bind(window),
      end: window.end.bind(window),
      keyInterval: (interval: number) => this.#noteKeys(interval),
      forced: () => this.#warnings.forced(window.maxSegment),
      damaged: (error: Error) => this.#warnings.damaged(error),
    };
  }

  #noteKeys(interval: number): void {
    this.#longestKeyInterval = Math.max(this.#longestKeyInterval, interval);
    this.#warnings.keyInterval(interval, this.window.maxSegment);
  }
}
