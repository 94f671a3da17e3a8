import type { Clock } from "../kernel/clock.ts";
import type { Files } from "../kernel/files/files.ts";
import type { MediaPacket } from "../media/packet.ts";

/** What a complete file came to. */
export interface WrittenFile {
  readonly bytes: number;
  /** How long it plays. */
  readonly seconds: number;
}

/** Writes packets into one file; each call waits for the one before. The file is made with the first frames. */
export interface FileWriter {
  /** Takes the next packet. Throws, or rejects, when it cannot be written. */
  write(packet: MediaPacket): void | Promise<void>;
  /** Completes the file; undefined when nothing came, and there is none. */
  finish(): Promise<WrittenFile | undefined>;
  /** Makes the best of what was written before it failed; never rejects. */
  abandon(): Promise<void>;
}

/** What a writer works with. */
export interface FileWriterHost {
  readonly files: Files;
  readonly clock: Clock;
  /** Hears what is left out, in words. */
  onNotice(text: string): void;
}

/** The endings of file names that there are writers for. */
export const WRITTEN_KINDS = [".flv", ".mp4"];

/** Whether there is a writer for a file of this name. */
export function canWrite(path: string): boolean {
  return WRITTEN_KINDS.some((ending) => path.toLowerCase().endsWith(ending));
}

/**
 * The writer for a file of this name, which must not exist; each kind's is loaded when it is needed.
 *
 * @throws {TypeError} when the name says of no kind that it is
 */
export async function openWriter(path: string, host: FileWriterHost): Promise<FileWriter> {
  if (!canWrite(path)) {
    throw new TypeError(`Cannot write ${path}: its name has to end in ${WRITTEN_KINDS.join(" or ")}`);
  }
  if (path.toLowerCase().endsWith(".flv")) return new (await import("./flv_writer.ts")).FlvWriter(path, host);
  return new (await import("./mp4_writer.ts")).Mp4Writer(path, host);
}
