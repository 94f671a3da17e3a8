import { join, relative } from "@std/path";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { initSegment } from "../../media/mp4/init_segment.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { expandPath, stampOf, withExtension } from "../shared/path_template.ts";
import { splitLimits } from "../shared/recordings/recording_settings.ts";
import type { StreamWriter } from "../shared/sink_runner.ts";
import { freeName } from "./disk.ts";
import type { Finisher } from "./finisher.ts";
import { readIndex } from "./live_folder.ts";
import { fragmentBytes } from "./fragment_bytes.ts";
import { LiveOutput } from "./live_output.ts";
import { placesOf } from "./places.ts";
import { RecordingFolder } from "./recording_folder.ts";
import { Segmenter } from "./segmenter.ts";
import type { Fmp4Settings } from "./settings.ts";
import type { FragmentStep, InitStep, SegmentStep, Step } from "./step.ts";
import type { Sweeper } from "./sweeper.ts";
import type { Turns } from "./turns.ts";

/** What recorders work with. */
export interface RecorderHost {
  readonly ctx: PluginContext;
  readonly settings: Fmp4Settings;
  readonly finisher: Finisher;
  readonly sweeper: Sweeper;
  readonly turns: Turns;
}

/**
 * A part ends after so many samples, whatever the settings say: its index is in memory while it is completed, some 60 MB
 * then. That is half a day of 60 pictures and 47 sounds a second.
 */
const MAX_PART_SAMPLES = 5_000_000;

/**
 * Records one session of a stream: fragments into the folder of the recording, segments to their addresses, and every part,
 * once it is over, to whoever completes it.
 */
export class Recorder implements StreamWriter {
  readonly #host: RecorderHost;
  readonly #stream: Stream;
  readonly #segmenter: Segmenter;
  readonly #session: string;
  readonly #startedAt: Date;
  /** When the part began that is open, or the next one does. */
  #partAt: Date;
  #live?: LiveOutput;
  #part?: RecordingFolder;
  #parts = 0;
  #partStart = 0;
  #samples = 0;
  #init?: { readonly step: InitStep; readonly file: string; readonly content: Uint8Array };
  /** Whether the part that is open has the init segment that holds. */
  #isInitWritten = false;
  #sequence = 0;

  private constructor(host: RecorderHost, stream: Stream, startedAt: Date, session: string) {
    this.#host = host;
    this.#stream = stream;
    this.#startedAt = this.#partAt = startedAt;
    this.#session = session;
    this.#segmenter = new Segmenter(host.settings);
  }

  /** Prepares to record a session; nothing is written before there are frames. */
  static async open(host: RecorderHost, stream: Stream): Promise<Recorder> {
    const { ctx: { files, dataDir, clock } } = host;
    const startedAt = clock.date();
    const { merge, separate } = placesOf(stream.key);
    const indexes = [merge, separate].map((folder) => readIndex(files, join(dataDir, folder)));
    const before = (await Promise.all(indexes)).map((index) => index?.session);
    return new Recorder(host, stream, startedAt, sessionName(stampOf(startedAt), before));
  }

  write(packet: MediaPacket): void | Promise<void> {
    const steps = this.#segmenter.write(packet);
    if (steps.length > 0) return this.#carryOut(steps);
  }

  async finish(): Promise<void> {
    await this.#carryOut(this.#segmenter.finish());
    await this.#live?.end();
    if (this.#part) await this.#closePart();
    else await this.#host.finisher.ended(this.#stream.key, this.#session);
  }

  async abandon(): Promise<void> {
    const part = this.#part;
    this.#part = undefined;
    await Promise.allSettled([part?.close(), this.#live?.abandon()]);
    if (part) this.#host.finisher.add(part.path);
  }

  async #carryOut(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.type === "init") await this.#takeInit(step);
      else if (step.type === "fragment") await this.#takeFragment(step);
      else if (step.type === "segment") await this.#endSegment(step);
      else this.#host.ctx.log.warn(`${this.#stream.id}: ${step.text}`, { stream: this.#stream.id });
    }
  }

  async #takeInit(step: InitStep): Promise<void> {
    const file = step.number === 1 ? "init.mp4" : `init_${step.number}.mp4`;
    this.#init = { step, file, content: initSegment(step.tracks.map(({ track }) => track)) };
    this.#live ??= await LiveOutput.open(this.#host, this.#stream, this.#session, this.#startedAt);
    await this.#live.addInit(step, file, this.#init.content);
    this.#isInitWritten = false;
  }

  async #takeFragment({ segment, isFirst, runs }: FragmentStep): Promise<void> {
    const part = this.#part ??= await this.#openPart();
    if (!this.#isInitWritten && this.#init) {
      await part.addInit(this.#init.file, this.#init.content, segment);
      this.#isInitWritten = true;
    }
    const fragment = { sequence: ++this.#sequence, tracks: runs, beginsSegment: isFirst };
    await part.append(segment, fragmentBytes(fragment));
    this.#samples += runs.reduce((sum, { samples }) => sum + samples.length, 0);
    await this.#live?.append(segment, runs);
  }

  async #endSegment(step: SegmentStep): Promise<void> {
    const part = this.#part;
    if (!part) return;
    const bytes = await part.closeSegment();
    await this.#live?.endSegment(step, part.segmentPath(step.number), bytes);
    if (part.bytes === bytes) this.#partStart = step.start;
    const limits = splitLimits(this.#host.settings);
    const micros = (step.start + step.duration - this.#partStart) * 1_000_000;
    const isFull = micros >= limits.micros || part.bytes >= limits.bytes || this.#samples >= MAX_PART_SAMPLES;
    if (!isFull) return;
    this.#partAt = this.#host.ctx.clock.date();
    await this.#closePart();
  }

  async #openPart(): Promise<RecordingFolder> {
    const { ctx, settings } = this.#host;
    const { id: stream, key } = this.#stream;
    const date = this.#partAt;
    const part = ++this.#parts;
    this.#samples = 0;
    const { vhost, app, name } = key;
    const session = this.#stream.toJSON().publisher?.session ?? "";
    const path = withExtension(
      expandPath(settings.path, { vhost, app, stream: name, date, session, seq: part }),
      ".mp4",
    );
    const facts = {
      stream,
      key,
      session: this.#session,
      part,
      path,
      startedAt: date.toISOString(),
      inits: [],
    };
    this.#isInitWritten = false;
    const parent = join(ctx.dataDir, placesOf(key).unfinished);
    const folder = await RecordingFolder.create(ctx.files, parent, facts, settings.sync);
    const free = await freeName(ctx.files, join(ctx.dataDir, path));
    ctx.tell("artifact:open", { stream, by: "fmp4", path: relative(ctx.dataDir, free) });
    return folder;
  }

  /** When it cannot be closed, it is there still for whoever abandons it. */
  async #closePart(): Promise<void> {
    const part = this.#part;
    if (!part) return;
    await part.close();
    this.#part = undefined;
    this.#host.finisher.add(part.path);
  }
}

/** Sessions have names of their own, also when one begins in the second of the one before. */
function sessionName(stamp: string, before: readonly (string | undefined)[]): string {
  const numbers = before.map((name) => name?.startsWith(stamp) ? Number(name.slice(stamp.length + 1)) || 1 : 0);
  const last = Math.max(...numbers);
  return last === 0 ? stamp : `${stamp}-${last + 1}`;
}
