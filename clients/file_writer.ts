import type { Clock } from "../kernel/clock.ts";
import type { Files } from "../kernel/files.ts";
import type { MediaPacket } from "../media/packet.ts";
import { FlvWriter } from "./flv_writer.ts";
import { Mp4Writer } from "./mp4_writer.ts";

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

/** The writer for a file of this name, which must not exist. Throws `TypeError` for names that say of no kind they are. */
export function openWriter(path: string, host: FileWriterHost): FileWriter {
  if (!canWrite(path)) {
    throw new TypeError(`Cannot write ${path}: its name has to end in ${WRITTEN_KINDS.join(" or ")}`);
  }
  return path.toLowerCase().endsWith(".flv") ? new FlvWriter(path, host) : new Mp4Writer(path, host);
}
