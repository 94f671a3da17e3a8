import { errorText } from "../../kernel/error_text.ts";
import type { Events } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Closed, whenAborted } from "../../kernel/reasons.ts";
import type { SinkControl, SinkRun, SinkState } from "../../kernel/streams/sinks.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { type StreamMatcher, streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import type { Subscription } from "../../kernel/fanout/subscription.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { checkDisk, DiskGuard } from "./recordings/disk_guard.ts";
import { onPublished } from "./published.ts";
import { retrySeconds } from "./http/retry_seconds.ts";

/** Writes one stream down. Its methods are never called while one of them is at work. */
export interface StreamWriter {
  /** What does not work just now, in words, although the writing goes on. */
  readonly problem?: string;
  /** Takes the next packet; a promise asks to wait before the one after. Throws, or rejects, when it cannot be written. */
  write(packet: MediaPacket): void | Promise<void>;
  /** All that there is for now has been written. */
  flush?(): void | Promise<void>;
  /** Completes what was written: the stream has ended, or is not to be written any more. */
  finish(closed: Closed): Promise<void>;
  /** Lets go of everything after a failure, and leaves what is on the disk as it is. */
  abandon?(error: unknown): Promise<void>;
}

/** What a sink is. */
export interface SinkOptions {
  /** The plugin's name. */
  readonly name: string;
  /** Which streams it writes without being told to (see `streamMatcher`); looked at when a stream begins. */
  readonly streams: readonly string[];
  /** Whether it writes what is fetched from another node of a cluster too, which is written already where it is published. */
  readonly writesCopies?: boolean;
  /** With less free space on the disk than this, in bytes, nothing is written; 0 to write as long as it can. */
  readonly minFreeBytes?: number;
  /** Begins to write a stream: its packets follow from the first, or else from the newest key frame. */
  open(stream: Stream): StreamWriter | Promise<StreamWriter>;
}

/** An attempt that went well for so long was no failure of the ones before, in milliseconds. */
const GOOD_MS = 60_000;

/**
 * Writes streams down as long as they last: those that its patterns name, and those that it is told to.
 *
 * A sink reads at its own pace and never slows the publisher. One that fails, or falls too far behind, says so (`artifact:fail`,
 * the log, {@linkcode SinkControl.runs}) and begins anew after a pause, as long as the stream is there.
 *
 * In a server with workers each stream is written in its home; the plugin is to be `atHome`.
 */
export function runSink(ctx: PluginContext, options: SinkOptions): SinkControl {
  const runner = new SinkRunner(ctx, options);
  ctx.sink(runner);
  const offer = ({ stream }: Events["stream:start"]) => runner.offer(stream);
  if (options.writesCopies) ctx.on("stream:start", offer);
  else onPublished(ctx, offer);
  ctx.defer(() => runner.close());
  return runner;
}

class SinkRunner implements SinkControl {
  readonly name: string;
  readonly #ctx: PluginContext;
  readonly #options: SinkOptions;
  #streams: readonly string[] = [];
  #matches: StreamMatcher = () => false;
  readonly #runs = new Map<string, Run>();

  constructor(ctx: PluginContext, options: SinkOptions) {
    this.name = options.name;
    this.#ctx = ctx;
    this.#options = options;
  }

  get runs(): readonly SinkRun[] {
    return [...this.#runs.values()];
  }

  /** A stream has begun; settles when it has been written, if it is. */
  async offer(stream: Stream): Promise<void> {
    if (this.#isWanted(stream)) await this.#run(stream);
  }

  start(id: string): void {
    const stream = this.#ctx.streams.get(id);
    if (stream?.state !== "live" && stream?.state !== "interrupted") {
      throw new RangeError(`Cannot write ${id}: there is no such live stream`);
    }
    if (!this.#runs.get(id)?.isOf(stream)) void this.#run(stream);
  }

  async stop(id: string): Promise<void> {
    const run = this.#runs.get(id);
    if (!run) throw new RangeError(`Cannot stop writing ${id}: ${this.name} does not write it`);
    await run.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.stop()));
  }

  /** The patterns may have been replaced meanwhile. */
  #isWanted({ id, key }: Stream): boolean {
    if (!this.#ctx.isHome(id)) return false;
    const { streams } = this.#options;
    if (streams !== this.#streams) [this.#streams, this.#matches] = [streams, streamMatcher(streams)];
    return this.#matches(key);
  }

  /** A stream of the same name that has just ended is completed first; meanwhile packets wait. */
  async #run(stream: Stream): Promise<void> {
    const run = new Run(this.#ctx, this.#options, stream, this.#runs.get(stream.id)?.done);
    this.#runs.set(stream.id, run);
    await run.done;
    if (this.#runs.get(stream.id) === run) this.#runs.delete(stream.id);
  }
}

/** One stream while it is written, attempt by attempt. */
class Run implements SinkRun {
  readonly stream: string;
  readonly since: Date;
  /** Settles when nothing more is written; never rejects. */
  readonly done: Promise<void>;
  state: SinkState = "writing";
  readonly #ctx: PluginContext;
  readonly #options: SinkOptions;
  readonly #source: Stream;
  readonly #after: Promise<void>;
  readonly #stopping = new AbortController();
  #failures = 0;
  #failure?: string;
  #writer?: StreamWriter;

  constructor(ctx: PluginContext, options: SinkOptions, source: Stream, after: Promise<void> = Promise.resolve()) {
    this.#ctx = ctx;
    this.#options = options;
    this.#source = source;
    this.stream = source.id;
    this.since = ctx.clock.date();
    this.#after = after;
    this.done = this.#write();
  }

  get problem(): string | undefined {
    return this.#failure ?? this.#writer?.problem;
  }

  /** Whether it writes this stream, and not one of the same name before it, and goes on doing so. */
  isOf(stream: Stream): boolean {
    return this.#source === stream && !this.#stopping.signal.aborted;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Closed("left", "it is not to be written any more"));
    await this.done;
  }

  async #write(): Promise<void> {
    const { clock } = this.#ctx;
    while (!this.#stopping.signal.aborted) {
      const startedAt = clock.now();
      const failure = await this.#attempt();
      if (failure === undefined) return;
      if (clock.now() - startedAt >= GOOD_MS) this.#failures = 0;
      if (!await this.#pause(failure)) return;
    }
  }

  /** Writes until the stream ends or the writing fails; gives what it failed of. */
  async #attempt(): Promise<unknown> {
    using subscription = this.#source.packets({ patient: true });
    using _stop = whenAborted(this.#stopping.signal, () => subscription[Symbol.dispose]());
    let writer: StreamWriter | undefined;
    this.#writer = undefined;
    try {
      await this.#after;
      await checkDisk(this.#ctx, this.#minFreeBytes);
      this.#writer = writer = await this.#options.open(this.#source);
      this.state = "writing";
      this.#failure = undefined;
      return await this.#drain(subscription, writer);
    } catch (error) {
      await this.#abandon(writer, error);
      return error;
    }
  }

  async #drain(subscription: Subscription<MediaPacket>, writer: StreamWriter): Promise<unknown> {
    using guard = new DiskGuard(this.#ctx, this.#minFreeBytes, () => subscription[Symbol.dispose]());
    const ended = await pump(subscription, writer);
    const { fault } = guard;
    await writer.finish(fault ? new Closed("error", fault.message) : ended);
    if (fault) return fault;
    if (ended.reason === "too-slow") return new Error("it is written more slowly than it comes");
  }

  get #minFreeBytes(): number {
    return this.#options.minFreeBytes ?? 0;
  }

  async #abandon(writer: StreamWriter | undefined, cause: unknown): Promise<void> {
    try {
      await writer?.abandon?.(cause);
    } catch (error) {
      this.#ctx.log.debug(`Letting go of ${this.stream} failed too: ${firstLine(error)}`);
    }
  }

  /** Says what went wrong and waits; false when there is nothing to wait for. */
  async #pause(failure: unknown): Promise<boolean> {
    const { signal } = this.#source;
    const isOver = signal.aborted || this.#stopping.signal.aborted;
    const seconds = isOver ? 0 : retrySeconds(this.#failures++);
    this.state = "waiting";
    this.#failure = firstLine(failure);
    const next = isOver ? "and it is over" : `trying again in ${seconds} s`;
    this.#ctx.log.error(`Cannot write ${this.stream}: ${this.#failure}; ${next}`, {
      stream: this.stream,
      error: failure,
    });
    const { name: by } = this.#options;
    this.#ctx.tell("artifact:fail", { stream: this.stream, by, problem: this.#failure, retrySeconds: seconds });
    if (isOver) return false;
    const over = Promise.withResolvers<boolean>();
    using _timer = this.#ctx.clock.setTimeout(() => over.resolve(true), seconds * 1000);
    using _ended = whenAborted(signal, () => over.resolve(false));
    using _stopped = whenAborted(this.#stopping.signal, () => over.resolve(false));
    return await over.promise;
  }
}

/** Gives a writer all packets, as fast as it takes them, until there are no more. */
async function pump(subscription: Subscription<MediaPacket>, writer: StreamWriter): Promise<Closed> {
  while (true) {
    const news = Promise.withResolvers<void>();
    subscription.onReady = subscription.onDispose = news.resolve;
    for (let packet = subscription.next(); packet; packet = subscription.next()) {
      const taken = writer.write(packet);
      if (taken) await taken;
    }
    await writer.flush?.();
    if (subscription.ended) return subscription.ended;
    await news.promise;
  }
}

function firstLine(error: unknown): string {
  return errorText(error).split("\n")[0];
}
