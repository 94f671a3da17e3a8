import { dirname, join } from "@std/path";
import type { OpenFile } from "../../kernel/files/files.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import type { TrackRun } from "../../media/mp4/fragment.ts";
import { initSegment } from "../../media/mp4/init_segment.ts";
import { fragmentBytes } from "./fragment_bytes.ts";
import { LiveFolder, type SessionFacts } from "./live_folder.ts";
import { placesOf } from "./places.ts";
import type { RecorderHost } from "./recorder.ts";
import { Span } from "./span.ts";
import type { InitStep, SegmentStep } from "./step.ts";
import type { SegmentTrack } from "./track_feed.ts";

/** What a live output works with. */
export type LiveHost = Pick<RecorderHost, "ctx" | "settings" | "sweeper" | "turns">;

/** A session's segments at their addresses, merged and separate as the settings say. */
export class LiveOutput {
  readonly #host: LiveHost;
  readonly #stream: Stream;
  readonly #merge?: LiveFolder;
  readonly #separate?: LiveFolder;
  readonly #tracks = { video: undefined as SeparateTrack | undefined, audio: undefined as SeparateTrack | undefined };

  private constructor(host: LiveHost, stream: Stream, merge?: LiveFolder, separate?: LiveFolder) {
    this.#host = host;
    this.#stream = stream;
    this.#merge = merge;
    this.#separate = separate;
  }

  /** Takes the stream's folders for a session. */
  static async open(host: LiveHost, stream: Stream, session: string, startedAt: Date): Promise<LiveOutput> {
    const { ctx: { files, dataDir, clock }, settings, turns, sweeper } = host;
    const { merge, separate } = placesOf(stream.key);
    const facts: SessionFacts = {
      stream: stream.id,
      session,
      startedAt: startedAt.toISOString(),
      segmentSeconds: settings.segmentSeconds,
    };
    const disk = { files, clock };
    const take = (folder: string) => {
      sweeper.began(join(dataDir, folder));
      return LiveFolder.take(disk, join(dataDir, folder), facts, settings.windowSeconds);
    };
    return await turns.take(dirname(merge), async () => {
      const merged = settings.variants.includes("merge") ? await take(merge) : undefined;
      const separated = settings.variants.includes("separate") ? await take(separate) : undefined;
      return new LiveOutput(host, stream, merged, separated);
    });
  }

  /** What follows is described by a new init segment. */
  async addInit({ tracks }: InitStep, file: string, content: Uint8Array): Promise<void> {
    await this.#merge?.addInit("merged", { uri: file, type: typeOf(tracks) }, content);
    if (!this.#separate) return;
    for (const name of ["video", "audio"] as const) {
      const track = tracks.find(({ track, number }) => track.kind === name && number === 0);
      if (track) await this.#describe(this.#separate, name, track);
    }
  }

  /** Writes what a fragment has of the main tracks, each by itself. */
  async append(segment: number, runs: readonly TrackRun[]): Promise<void> {
    for (const each of [this.#tracks.video, this.#tracks.audio]) {
      const run = runs.find(({ trackId }) => trackId === each?.description.track.id);
      if (each && run) await each.append(segment, run);
    }
  }

  /** Offers a segment that is complete: the merged one lies at `path`. */
  async endSegment(step: SegmentStep, path: string, bytes: number): Promise<void> {
    const { number, duration: seconds } = step;
    const facts = { start: step.start, duration: step.duration, key: step.isKey };
    const uri = `${number}.m4s`;
    await this.#merge?.link(path, uri);
    this.#merge?.add("merged", { uri, bytes, ...facts });
    await this.#merge?.save();
    const parts = await this.#endSeparate(step.isKey);
    const first = this.#merge ? { uri, bytes } : parts[0];
    if (first) this.#tell(first, seconds);
  }

  /** Nothing follows. */
  async end(): Promise<void> {
    const { clock } = this.#host.ctx;
    for (const folder of [this.#merge, this.#separate]) {
      await folder?.end(clock.date());
      if (folder) this.#host.sweeper.note(folder.path, folder.session, clock.date());
    }
  }

  /** Lets go of everything after a failure. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.#tracks.video?.close(), this.#tracks.audio?.close()]);
    await this.end();
  }

  async #describe(folder: LiveFolder, name: "video" | "audio", track: SegmentTrack): Promise<void> {
    const known = this.#tracks[name];
    if (known?.description === track) return;
    const count = (known?.inits ?? 0) + 1;
    this.#tracks[name] = new SeparateTrack(this.#host, folder, name, track, count, known?.sequence ?? 0);
    const uri = count === 1 ? `${name}_init.mp4` : `${name}_init_${count}.mp4`;
    await folder.addInit(name, { uri, type: typeOf([track]) }, initSegment([track.track]));
  }

  async #endSeparate(isKey: boolean): Promise<{ uri: string; bytes: number }[]> {
    const done: { uri: string; bytes: number }[] = [];
    for (const each of [this.#tracks.video, this.#tracks.audio]) {
      const segment = await each?.close();
      if (!each || !segment) continue;
      this.#separate?.add(each.name, { ...segment, key: isKey || each.name === "audio" });
      done.push(segment);
    }
    await this.#separate?.save();
    return done;
  }

  #tell({ uri, bytes }: { uri: string; bytes: number }, seconds: number): void {
    const { merge, separate } = placesOf(this.#stream.key);
    const path = join(this.#merge ? merge : separate, uri);
    this.#host.ctx.tell("artifact:segment", { stream: this.#stream.id, by: "fmp4", path, bytes, seconds });
  }
}

/** A main track by itself, in files of its own. */
class SeparateTrack {
  readonly #host: LiveHost;
  readonly #folder: LiveFolder;
  #file?: OpenFile;
  #span = new Span();
  #uri = "";
  #bytes = 0;

  constructor(
    host: LiveHost,
    folder: LiveFolder,
    readonly name: "video" | "audio",
    readonly description: SegmentTrack,
    /** How many init segments the track has had. */
    readonly inits: number,
    /** Counts its fragments. */
    public sequence: number,
  ) {
    this.#host = host;
    this.#folder = folder;
  }

  async append(segment: number, run: TrackRun): Promise<void> {
    const isFirst = !this.#file;
    if (!this.#file) {
      this.#uri = `${this.name}_${segment}.m4s`;
      this.#file = await this.#host.ctx.files.create(join(this.#folder.path, this.#uri));
      this.#span = new Span();
      this.#bytes = 0;
    }
    const fragment = fragmentBytes({ sequence: ++this.sequence, tracks: [run], beginsSegment: isFirst });
    await this.#file.write(fragment);
    this.#bytes += fragment.length;
    this.#span.add(run, this.description.track.timescale);
  }

  /** Closes the segment; undefined when there is none. */
  async close(): Promise<{ uri: string; bytes: number; start: number; duration: number } | undefined> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
    const { start, duration } = this.#span;
    return file && { uri: this.#uri, bytes: this.#bytes, start, duration };
  }
}

/** What a player is asked whether it can play it. */
function typeOf(tracks: readonly SegmentTrack[]): string {
  const kind = tracks.some(({ track }) => track.kind === "video") ? "video" : "audio";
  const codecs = tracks.map(({ codecs }) => codecs).filter((codecs) => codecs !== "");
  return `${kind}/mp4; codecs="${codecs.join(",")}"`;
}
