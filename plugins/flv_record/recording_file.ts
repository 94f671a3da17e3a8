import type { Clock } from "../../kernel/clock.ts";
import type { OpenFile } from "../../kernel/files/files.ts";
import { ByteWriter } from "../../media/bytes.ts";
import { RECORDING_HEAD_BYTES, recordingHead } from "../../media/flv/recording_head.ts";
import { tagTypeOf, writeFlvTag } from "../../media/flv/tag.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { BackgroundSync } from "../shared/recordings/background_sync.ts";
import { Ledger } from "./ledger.ts";

/** The most that is gathered before it is written, in bytes: a second of most streams. */
const GATHER_BYTES = 256 * 1024;

/** The most that is gathered before it is written, in milliseconds of the recording. */
const GATHER_MS = 500;

/** When a recording looks at the time, and what for. */
export interface SyncOptions {
  readonly clock: Clock;
  /** The disk is made to keep what was written so often, in milliseconds; `Infinity` to leave it to the system. */
  readonly syncMs: number;
}

/** What a recording begins with. */
export interface OpeningTags {
  /** The publisher's `onMetaData`, which is a part of the head. */
  readonly published?: MediaPacket;
  readonly packets: readonly MediaPacket[];
}

interface Gathered {
  readonly packet: MediaPacket;
  readonly timestamp: number;
  readonly position: number;
}

/**
 * One recording while it is written: whole tags, gathered and written together.
 *
 * Invariant: up to `#saved` the file holds whole tags, and the ledger knows exactly those. Nothing may be
 * called while the promise of another call is pending.
 */
export class RecordingFile {
  readonly #file: OpenFile;
  readonly #options: SyncOptions;
  readonly #ledger = new Ledger();
  readonly #buffer = new ByteWriter(GATHER_BYTES / 4);
  #gathered: Gathered[] = [];
  #saved = RECORDING_HEAD_BYTES;
  readonly #sync: BackgroundSync;
  #syncedAt: number;
  #revision = 0;

  private constructor(file: OpenFile, options: SyncOptions) {
    this.#file = file;
    this.#sync = new BackgroundSync(file);
    this.#options = options;
    this.#syncedAt = options.clock.now();
  }

  /** Begins a recording in a new file with a head that says what is known of it by what it begins with. */
  static async begin(file: OpenFile, options: SyncOptions, opening: OpeningTags): Promise<RecordingFile> {
    const recording = new RecordingFile(file, options);
    const preview = new Ledger();
    for (const ledger of [recording.#ledger, preview]) if (opening.published) ledger.publish(opening.published);
    for (const packet of opening.packets) preview.add(packet, 0, 0);
    recording.#revision = preview.revision;
    await file.write(recordingHead(preview.beginning), 0);
    return recording;
  }

  /** How large it is with all that has been gathered, in bytes. */
  get size(): number {
    return this.#saved + this.#buffer.length;
  }

  /** How many bytes of it are on the disk. */
  get saved(): number {
    return this.#saved;
  }

  /** Gathers a tag; `timestamp` in milliseconds. True when it is time to save. */
  add(packet: MediaPacket, timestamp: number): boolean {
    this.#gathered.push({ packet, timestamp, position: this.size });
    writeFlvTag(this.#buffer, tagTypeOf(packet.kind), timestamp, packet.body);
    return this.#buffer.length >= GATHER_BYTES || timestamp - this.#gathered[0].timestamp >= GATHER_MS;
  }

  /** Writes what has been gathered. */
  async save(): Promise<void> {
    if (this.#gathered.length === 0) return;
    await this.#file.write(this.#buffer.view(), this.#saved);
    this.#saved += this.#buffer.length;
    for (const { packet, timestamp, position } of this.#gathered) this.#ledger.add(packet, timestamp, position);
    this.#gathered = [];
    this.#buffer.clear();
    await this.#tellTracks();
    const now = this.#options.clock.now();
    if (now - this.#syncedAt < this.#options.syncMs) return;
    this.#syncedAt = now;
    this.#sync.request();
  }

  /** Writes the rest and the head that a complete recording has; gives how long it plays, in seconds. */
  async complete(): Promise<number> {
    await this.save();
    return await this.#seal();
  }

  /**
   * Completes a recording of which the last could not be written: with it, if it can be now, or else without. Gives how long
   * it plays, in seconds; undefined when nothing of it is on the disk.
   */
  async salvage(): Promise<number | undefined> {
    try {
      await this.save();
    } catch {
      if (this.#saved === RECORDING_HEAD_BYTES) return undefined;
      await this.#file.truncate(this.#saved);
    }
    return await this.#seal();
  }

  async close(): Promise<void> {
    await this.#sync.settle().catch(() => {});
    await this.#file.close();
  }

  async #seal(): Promise<number> {
    const facts = this.#ledger.complete(this.#saved);
    await this.#file.write(recordingHead(facts), 0);
    await this.#sync.settle();
    if (Number.isFinite(this.#options.syncMs)) await this.#file.sync();
    await this.close();
    return facts.duration / 1000;
  }

  /** Tracks that turn up later are told to those who read the file as it grows, and to those who find it after a crash. */
  async #tellTracks(): Promise<void> {
    if (this.#ledger.revision === this.#revision) return;
    this.#revision = this.#ledger.revision;
    await this.#file.write(recordingHead(this.#ledger.beginning), 0);
  }
}
