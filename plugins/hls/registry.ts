import { type Clock, every, type Timer } from "../../kernel/clock.ts";
import { streamId, type StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { type StreamMatcher, streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { onPublished } from "../shared/published.ts";
import { runSink, type StreamWriter } from "../shared/sink_runner.ts";
import { Groups } from "./window/groups.ts";
import { HlsStream } from "./hls_stream.ts";
import type { Recorder } from "./recording/recorder.ts";
import { sequenceOrigin } from "./window/sequence.ts";
import type { HlsSettings } from "./settings.ts";

/** How often what nobody needs any more is looked for, in milliseconds. */
const SWEEP_MS = 1000;

const NO_STREAMS: readonly string[] = [];

/** All streams that are made into HLS, and those that have been until a moment ago. */
export class HlsStreams {
  readonly #ctx: PluginContext;
  readonly #settings: HlsSettings;
  readonly #clock: Clock;
  readonly #all = new Map<string, HlsStream>();
  /** The same by app and name alone: segments are asked for without a vhost. */
  readonly #byPath = new Map<string, Set<HlsStream>>();
  readonly #control: ReturnType<typeof runSink>;
  #streams: readonly string[] = [];
  #matcher: StreamMatcher = () => false;
  readonly #recorderFor?: (key: StreamKey) => Recorder;
  /** The streams that are recorded: those that are not fetched from another node of a cluster, which records them. */
  readonly #published = new WeakSet<Stream>();
  /** What is recorded is made whether somebody watches or not. */
  readonly #isOnDemand: boolean;
  readonly groups: Groups;
  readonly #problems = new Map<string, string>();
  #sweeping?: Timer;

  /** `recorderFor` makes what records a stream; undefined when nothing is recorded. */
  constructor(ctx: PluginContext, settings: HlsSettings, recorderFor?: (key: StreamKey) => Recorder) {
    this.#ctx = ctx;
    this.#clock = ctx.clock;
    this.#settings = settings;
    this.#isOnDemand = settings.onDemand && !recorderFor;
    this.#recorderFor = recorderFor;
    if (recorderFor) onPublished(ctx, ({ stream }) => void this.#published.add(stream));
    this.groups = new Groups(settings.groups);
    const isOnDemand = this.#isOnDemand;
    this.#control = runSink(ctx, {
      name: "hls",
      writesCopies: true,
      get streams() {
        return isOnDemand ? NO_STREAMS : settings.streams;
      },
      open: (stream) => this.#open(stream),
    });
    ctx.defer(() => this.#sweeping?.[Symbol.dispose]());
  }

  /** The server's time, in milliseconds. */
  get now(): number {
    return this.#clock.now();
  }

  /** The HLS of a stream, which is begun for the asking when it is made on demand; undefined when there is none. */
  obtain(id: string): HlsStream | undefined {
    const found = this.#all.get(id);
    if (found) found.usedAt = this.#clock.now();
    if (!this.#isOnDemand || found?.isWritten) return found;
    const stream = this.#ctx.streams.get(id);
    if (!stream || !this.#matches(stream.key) || !isFlowing(stream)) return found;
    const begun = this.#add(stream.key);
    begun.usedAt = this.#clock.now();
    this.#control.start(id);
    return begun;
  }

  /** Whether a stream, if it is there, is made into HLS. */
  isOffered(key: StreamKey): boolean {
    const id = streamId(key.vhost, key.app, key.name);
    return this.#matches(key) || this.#all.has(id) || this.#control.runs.some(({ stream }) => stream === id);
  }

  /** The HLS of a stream that is there, without asking for it. */
  peek(id: string): HlsStream | undefined {
    return this.#all.get(id);
  }

  /** The HLS of all streams of this app and name, whatever their vhost. */
  withPath(path: string): Iterable<HlsStream> {
    return this.#byPath.get(path) ?? [];
  }

  /** The HLS of all streams of a group, which is begun for the asking when it is made on demand. */
  members(has: StreamMatcher): HlsStream[] {
    for (const { id, key } of this.#ctx.streams.values()) if (has(key) && this.#ctx.isHome(id)) this.obtain(id);
    return this.matching(has);
  }

  /** Notes why a group cannot be played as one, or that it can; the log says it once. */
  noteGroup(id: string, problem: string | undefined): void {
    if (this.#problems.get(id) === problem) return;
    if (problem === undefined) {
      this.#problems.delete(id);
      return;
    }
    this.#problems.set(id, problem);
    this.#ctx.log.warn(`${id} cannot be offered as one program: ${problem}`, { stream: id });
  }

  /** The HLS of those streams of a group that are made into HLS already. */
  matching(has: StreamMatcher | undefined): HlsStream[] {
    return has ? [...this.#all.values()].filter(({ key }) => has(key)) : [];
  }

  /** The patterns may have been replaced meanwhile. */
  #matches(key: StreamKey): boolean {
    const { streams } = this.#settings;
    if (streams !== this.#streams) [this.#streams, this.#matcher] = [streams, streamMatcher(streams)];
    return this.#matcher(key);
  }

  #open(stream: Stream): StreamWriter {
    return this.#add(stream.key).write(stream, () => this.#published.has(stream));
  }

  #add(key: StreamKey): HlsStream {
    const { clock, log } = this.#ctx;
    const id = streamId(key.vhost, key.app, key.name);
    const known = this.#all.get(id);
    if (known) return known;
    const isFirst = this.matching(this.groups.around(key)).length === 0;
    const common = this.groups.timeOf(key, isFirst, sequenceOrigin(clock.date()));
    const recorder = this.#recorderFor?.(key);
    const hls = new HlsStream({ id, key, clock, log, common, recorder, settings: { ...this.#settings } });
    this.#all.set(id, hls);
    const path = pathOf(key);
    this.#byPath.set(path, (this.#byPath.get(path) ?? new Set()).add(hls));
    this.#sweeping ??= every(clock, SWEEP_MS, () => this.#sweep());
    return hls;
  }

  /** Stops what nobody has asked for lately, and lets go of what has been over for so long. */
  #sweep(): void {
    const now = this.#clock.now();
    const keepMs = this.#settings.keepSeconds * 1000;
    for (const hls of this.#all.values()) {
      if (hls.isWritten) {
        if (this.#isOnDemand && now - hls.usedAt >= keepMs) this.#stop(hls);
      } else if (hls.idleSince !== undefined && now - hls.idleSince >= keepMs) {
        this.#forget(hls);
      }
    }
    if (this.#all.size > 0) return;
    this.#sweeping?.[Symbol.dispose]();
    this.#sweeping = undefined;
  }

  #stop(hls: HlsStream): void {
    const { id } = hls;
    this.#forget(hls);
    if (this.#control.runs.some(({ stream }) => stream === id)) void this.#control.stop(id);
  }

  #forget(hls: HlsStream): void {
    const path = pathOf(hls.key);
    const sharing = this.#byPath.get(path);
    sharing?.delete(hls);
    if (sharing?.size === 0) this.#byPath.delete(path);
    this.#all.delete(hls.id);
    if (!this.groups.named(hls.id)) this.#problems.delete(hls.id);
  }
}

function pathOf({ app, name }: StreamKey): string {
  return `${app}/${name}`;
}

function isFlowing({ state }: Stream): boolean {
  return state === "live" || state === "interrupted";
}
