import type { MediaPacket } from "../media/packet.ts";
import { FlvRecorder, type RecordingPlace } from "../plugins/flv_record/recorder.ts";
import { RecordingFile } from "../plugins/flv_record/recording_file.ts";
import type { FileWriter, FileWriterHost, WrittenFile } from "./file_writer.ts";

/** How often the disk is made to keep what was written, in milliseconds. */
const SYNC_MS = 1000;

/** One file takes all. */
const LIMITS = { micros: Infinity, bytes: Infinity };

/** An FLV file: its head is written at the beginning, and again at the end with the length and the index of the keys. */
export class FlvWriter implements FileWriter {
  readonly #path: string;
  readonly #host: FileWriterHost;
  readonly #recorder: FlvRecorder;
  #written?: WrittenFile;

  constructor(path: string, host: FileWriterHost) {
    this.#path = path;
    this.#host = host;
    // Nothing tells in advance which tracks a stream has: the first second does.
    const probed = new Promise<void>(() => {});
    this.#recorder = new FlvRecorder({ probed }, { clock: host.clock, limits: LIMITS, create: () => this.#create() });
  }

  write(packet: MediaPacket): void | Promise<void> {
    return this.#recorder.write(packet);
  }

  async finish(): Promise<WrittenFile | undefined> {
    await this.#recorder.finish();
    return this.#written;
  }

  async abandon(): Promise<void> {
    await this.#recorder.abandon();
  }

  async #create(): Promise<RecordingPlace> {
    const { files, clock } = this.#host;
    const file = await files.create(this.#path);
    return {
      begin: (opening) => RecordingFile.begin(file, { clock, syncMs: SYNC_MS }, opening),
      announce: () => Promise.resolve(),
      complete: async (recording) => {
        const seconds = await recording.complete();
        this.#written = { bytes: recording.saved, seconds };
      },
      abandoned: async (recording) => {
        await recording.salvage().catch(() => {});
        await recording.close();
      },
    };
  }
}
