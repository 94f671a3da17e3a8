import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { metadataBody, readMetadata } from "../../media/flv/metadata.ts";
import type { MediaPacket } from "../../media/packet.ts";
import type { StreamWriter } from "../shared/sink_runner.ts";
import { Opening } from "./opening.ts";
import { RecordingFile } from "./recording_file.ts";
import type { NewRecording } from "./recordings.ts";
import { TrackTable } from "./track_table.ts";

/** What arrives is on the disk so many milliseconds later, or sooner. */
const SAVE_MS = 500;

/** What a recorder works with. */
export interface RecorderHost {
  readonly clock: Clock;
  /** What a file may hold before another one begins, at an entry point. */
  readonly limits: { readonly micros: number; readonly bytes: number };
  /** Makes the file of a recording that began then; `seq` counts them from 1. */
  create(began: Date, seq: number): Promise<RecordingPlace>;
}

/** A recording's file, and what is done about it. */
export type RecordingPlace = Pick<NewRecording, "begin" | "announce" | "complete" | "abandoned">;

/** Writes one stream into FLV files, one after another. */
export class FlvRecorder implements StreamWriter {
  readonly #host: RecorderHost;
  readonly #tracks = new TrackTable();
  #opening = new Opening();
  #began?: Date;
  #base = 0;
  #seq = 0;
  #isProbed = false;
  #current?: { readonly place: RecordingPlace; readonly file: RecordingFile };
  #work?: Promise<void>;
  #failure?: { readonly error: unknown };
  #timer?: Timer;

  constructor(stream: Pick<Stream, "probed">, host: RecorderHost) {
    this.#host = host;
    stream.probed.then(() => this.#isProbed = true);
  }

  write(packet: MediaPacket): void | Promise<void> {
    return this.#work ? this.#work.then(() => this.#write(packet)) : this.#write(packet);
  }

  async finish(): Promise<void> {
    this.#disarm();
    await this.#work;
    this.#check();
    if (this.#opening.hasFrames) await this.#begin();
    await this.#complete();
  }

  async abandon(): Promise<void> {
    this.#disarm();
    await this.#work?.catch(() => {});
    const current = this.#current;
    this.#current = undefined;
    if (current) await current.place.abandoned(current.file);
  }

  #write(packet: MediaPacket): void | Promise<void> {
    this.#check();
    if (this.#tracks.isUndecodable(packet)) return;
    if (this.#isFull(packet)) return this.#do(() => this.#split(packet));
    const isNewMetadata = this.#isNewMetadata(packet);
    this.#tracks.observe(packet);
    if (!this.#current) return this.#open(packet);
    if (packet.kind !== "data" || packet.role !== "metadata") return this.#append(packet);
    if (isNewMetadata) return this.#append(this.#liveMetadata(packet));
  }

  #open(packet: MediaPacket): void | Promise<void> {
    this.#began ??= this.#host.clock.date();
    this.#opening.add(packet);
    if (this.#opening.isReady(this.#isProbed)) return this.#do(() => this.#begin());
    this.#arm();
  }

  #append(packet: MediaPacket): void | Promise<void> {
    const { file } = this.#current!;
    if (file.add(packet, this.#timestamp(packet))) return this.#do(() => this.#save());
    this.#arm();
  }

  /** A file ends before the entry point that would have it grow beyond its limits. */
  #isFull(packet: MediaPacket): boolean {
    if (!this.#current || !this.#tracks.mayBegin(packet)) return false;
    const { limits } = this.#host;
    return packet.dts - this.#base >= limits.micros || this.#current.file.size >= limits.bytes;
  }

  async #split(packet: MediaPacket): Promise<void> {
    await this.#complete();
    this.#opening = new Opening(this.#tracks.setup, this.#tracks.published);
    this.#began = this.#host.clock.date();
    this.#tracks.observe(packet);
    this.#opening.add(packet);
    if (this.#opening.isReady(this.#isProbed)) await this.#begin();
    else this.#arm();
  }

  async #begin(): Promise<void> {
    const opening = this.#opening;
    this.#opening = new Opening();
    this.#base = opening.base;
    const place = await this.#host.create(this.#began ?? this.#host.clock.date(), ++this.#seq);
    this.#began = undefined;
    const file = await place.begin(opening);
    this.#current = { place, file };
    for (const packet of opening.packets) file.add(packet, this.#timestamp(packet));
    await file.save();
    await place.announce();
  }

  async #save(): Promise<void> {
    this.#disarm();
    await this.#current?.file.save();
  }

  async #complete(): Promise<void> {
    this.#disarm();
    const current = this.#current;
    if (!current) return;
    await current.place.complete(current.file);
    this.#current = undefined;
  }

  /** Milliseconds of the file's time; a track that begins later than the opening may begin before it. */
  #timestamp({ dts }: MediaPacket): number {
    return Math.max(0, Math.floor((dts - this.#base) / 1000));
  }

  #isNewMetadata({ kind, role, body }: MediaPacket): boolean {
    if (kind !== "data" || role !== "metadata") return false;
    const known = this.#tracks.published?.body;
    return known?.length !== body.length || known.some((byte, i) => byte !== body[i]);
  }

  /** In the middle of a file, what a publisher says of a file of its own would be taken for what is true of this one. */
  #liveMetadata(packet: MediaPacket): MediaPacket {
    const body = metadataBody(readMetadata(packet), this.#tracks, true);
    return { ...packet, data: body, body };
  }

  /** One thing at a time: whoever comes while the disk is at work waits. */
  #do(work: () => Promise<void>): Promise<void> {
    const done: Promise<void> = work().finally(() => {
      if (this.#work === done) this.#work = undefined;
    });
    return this.#work = done;
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #arm(): void {
    this.#timer ??= this.#host.clock.setTimeout(() => this.#due(), SAVE_MS);
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** Nothing has been written for a while. What fails here is thrown when the next packet comes. */
  #due(): void {
    this.#timer = undefined;
    if (this.#work) return this.#arm();
    const work = this.#current ? () => this.#save() : this.#opening.hasFrames ? () => this.#begin() : undefined;
    if (work) this.#do(work).catch((error) => this.#failure = { error });
  }
}
