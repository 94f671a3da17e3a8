import { errorText } from "../kernel/error_text.ts";
import type { OpenFile } from "../kernel/files/files.ts";
import { initSegment } from "../media/mp4/init_segment.ts";
import type { MediaPacket } from "../media/packet.ts";
import { completeMovie } from "../plugins/fmp4/complete_movie.ts";
import { fragmentBytes } from "../plugins/fmp4/fragment_bytes.ts";
import { Segmenter } from "../plugins/fmp4/segmenter.ts";
import type { FragmentStep, InitStep, Step } from "../plugins/fmp4/step.ts";
import type { FileWriter, FileWriterHost, WrittenFile } from "./file_writer.ts";

/** A kill loses the fragment in progress, of so many seconds at most. */
const FRAGMENT_SECONDS = 1;

/** Segments mean nothing in a single file; changes of tracks wait for their ends. */
const SEGMENT_SECONDS = 2;

/**
 * An MP4 file: of fragments while it is written, so that one which breaks off can be played, and at the end replaced by a
 * complete one with its index in front.
 */
export class Mp4Writer implements FileWriter {
  readonly #path: string;
  readonly #host: FileWriterHost;
  readonly #segmenter = new Segmenter({ segmentSeconds: SEGMENT_SECONDS, fragmentSeconds: FRAGMENT_SECONDS });
  #file?: OpenFile;
  #start?: number;
  #sequence = 0;

  constructor(path: string, host: FileWriterHost) {
    this.#path = path;
    this.#host = host;
  }

  write(packet: MediaPacket): void | Promise<void> {
    if (packet.role !== "config" && packet.kind !== "data") this.#start ??= packet.dts;
    const steps = this.#segmenter.write(packet);
    if (steps.length > 0) return this.#carryOut(steps);
  }

  async finish(): Promise<WrittenFile | undefined> {
    await this.#carryOut(this.#segmenter.finish());
    if (!this.#file) return undefined;
    await this.#file.close();
    try {
      return await this.#complete();
    } catch (error) {
      const problem = errorText(error);
      const kept = "it can be played, but has no index";
      throw new Error(`Cannot complete ${this.#path}: ${problem}; ${kept}`, { cause: error });
    }
  }

  async abandon(): Promise<void> {
    await this.#file?.close().catch(() => {});
  }

  async #carryOut(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.type === "init") await this.#begin(step);
      else if (step.type === "fragment") await this.#append(step);
      else if (step.type === "problem") this.#host.onNotice(step.text);
    }
  }

  async #begin({ tracks }: InitStep): Promise<void> {
    this.#file ??= await this.#host.files.create(this.#path);
    await this.#file.write(initSegment(tracks.map(({ track }) => track), { start: this.#start }));
  }

  async #append({ runs }: FragmentStep): Promise<void> {
    await this.#file?.write(fragmentBytes({ sequence: ++this.#sequence, tracks: runs }));
    await this.#file?.sync();
  }

  /** The complete file is made beside the one of fragments, and takes its place in one step. */
  async #complete(): Promise<WrittenFile | undefined> {
    const { files } = this.#host;
    const part = `${this.#path}.${crypto.randomUUID().slice(0, 8)}.part`;
    const movie = await completeMovie(files, [this.#path], part);
    if (movie) await files.rename(part, this.#path);
    return movie;
  }
}
