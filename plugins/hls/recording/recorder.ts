import { errorText } from "../../../kernel/error_text.ts";
import type { StreamKey } from "../../../kernel/names.ts";
import { streamId } from "../../../kernel/names.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { checkDisk } from "../../shared/recordings/disk_guard.ts";
import { retrySeconds } from "../../shared/http/retry_seconds.ts";
import { type RecordedSegment, RecordedSession, type SessionBooks } from "./recorded_session.ts";
import type { Repairs } from "./repairs.ts";

/** What recorders of one server share. */
export interface RecorderHost extends SessionBooks {
  readonly ctx: PluginContext;
  readonly repairs: Repairs;
  /** With less free space on the disk than this, in bytes, nothing is written. */
  readonly minFreeBytes: number;
}

/** So many bytes may wait for a slow disk; live delivery waits for none of them. Some seconds of the largest streams. */
export const MAX_WAITING_BYTES: number = 64 * 2 ** 20;

/** Records the segments of one stream, at the disk's pace, in sessions that each can be played by themselves. */
export class Recorder {
  readonly #host: RecorderHost;
  readonly #key: StreamKey;
  readonly #stream: string;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isLosing = false;
  #session: RecordedSession | undefined;
  #extension = "";
  #retryAt = -Infinity;
  /** Whether what comes now is to be recorded. */
  isWanted: () => boolean = () => true;
  /** How often writing has failed since a segment was written. */
  #failures = 0;
  #problem: string | undefined;

  constructor(host: RecorderHost, key: StreamKey) {
    this.#host = host;
    this.#key = key;
    this.#stream = streamId(key.vhost, key.app, key.name);
  }

  /** Why it does not record just now, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** How many bytes of segments wait for the disk. */
  get waitingBytes(): number {
    return this.#waiting;
  }

  /** Takes a segment; none lasts longer than `target` seconds, rounded. Never throws. */
  add(segment: RecordedSegment, target: number): void {
    if (!this.isWanted()) return;
    const { length } = segment.bytes;
    if (this.#waiting > 0 && this.#waiting + length > MAX_WAITING_BYTES) return this.#lose();
    this.#waiting += length;
    this.#enqueue(async () => {
      try {
        if (this.#host.ctx.clock.now() >= this.#retryAt) await this.#write(segment, target);
      } finally {
        this.#waiting -= length;
      }
    });
  }

  /** The session is over; settles when it is complete. */
  finish(): Promise<void> {
    this.#enqueue(() => this.#complete());
    return this.#work;
  }

  /** A segment is left out: what came before it is a session of its own. */
  #lose(): void {
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#enqueue(() => {
      this.#isLosing = false;
      return Promise.reject(new Error("the disk is slower than the stream"));
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => this.#fail(error));
  }

  async #write(segment: RecordedSegment, target: number): Promise<void> {
    const { ctx, minFreeBytes } = this.#host;
    if (this.#session && segment.extension !== this.#extension) await this.#complete();
    await checkDisk(ctx, minFreeBytes);
    const isNew = this.#session === undefined;
    this.#session ??= await this.#begin(segment);
    await this.#session.add(segment, target);
    this.#failures = 0;
    this.#problem = undefined;
    const { path, bytes, seconds } = this.#session;
    if (isNew) ctx.tell("artifact:open", { stream: this.#stream, by: "hls", path });
    ctx.tell("artifact:segment", { stream: this.#stream, by: "hls", path, bytes, seconds });
  }

  /** It is named by when its first segment began. */
  async #begin({ extension, programDateTime }: RecordedSegment): Promise<RecordedSession> {
    const { ctx } = this.#host;
    const date = programDateTime === undefined ? ctx.clock.date() : new Date(programDateTime);
    const session = await RecordedSession.begin(ctx, this.#host, this.#key, date);
    this.#extension = extension;
    return session;
  }

  async #complete(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    await session.complete();
    this.#session = undefined;
    const { path, bytes, seconds } = session;
    this.#host.open.delete(path);
    this.#host.ctx.tell("artifact:complete", { stream: this.#stream, by: "hls", path, bytes, seconds });
  }

  /** What comes before it is tried again is lost. */
  async #fail(error: unknown): Promise<void> {
    const { ctx, open, repairs } = this.#host;
    const session = this.#session;
    this.#session = undefined;
    const seconds = retrySeconds(this.#failures++);
    this.#retryAt = ctx.clock.now() + seconds * 1000;
    const problem = errorText(error);
    this.#problem = `it is not recorded: ${problem}`;
    ctx.log.error(`Cannot record ${this.#stream} as HLS: ${problem}; trying again in ${seconds} s`, {
      stream: this.#stream,
      error,
    });
    ctx.tell("artifact:fail", { stream: this.#stream, by: "hls", problem, retrySeconds: seconds });
    if (!session) return;
    open.delete(session.path);
    await session.abandon().catch(() => {});
    await repairs.run();
  }
}
