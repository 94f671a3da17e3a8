import { FormatError } from "../../media/errors.ts";
import type { Resource, ResourceReading } from "../shared/serving/resource.ts";
import { byteSource } from "./byte_source.ts";
import { findFlvEntry, FIRST_TAG, type FlvEntry } from "./flv_seek.ts";

/** What `?start=` may be: a number of bytes. */
const START = /^\d{1,15}$/;

/** Why nothing can be sent from a position on, for the client. */
export interface SeekRefusal {
  readonly status: 400 | 416;
  readonly error: string;
}

/**
 * An FLV recording from a byte on: a head that lets a player begin there, then the tags as they are in the file.
 *
 * @param start what the query says
 */
export async function seekFlv(file: Resource, start: string): Promise<Resource | SeekRefusal> {
  if (!START.test(start)) return { status: 400, error: "start has to be a number of bytes" };
  const position = Number(start);
  if (position <= FIRST_TAG) return file;
  if (position >= file.size) return { status: 416, error: `The recording has ${file.size} bytes` };
  const reading = await file.open();
  try {
    const entry = await findFlvEntry(byteSource(reading, file.size), position);
    if (entry) return new SeekedFlv(file, entry);
    return { status: 416, error: `Of the ${file.size} bytes no whole tag begins at ${position} or soon behind it` };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { status: 416, error: error.message };
  } finally {
    reading.close();
  }
}

/** A new head, and the end of a file. */
class SeekedFlv implements Resource {
  readonly type: string;
  readonly tag: string;
  readonly size: number;
  readonly modified?: Date;
  readonly caching: Resource["caching"];
  readonly #file: Resource;
  readonly #entry: FlvEntry;

  constructor(file: Resource, entry: FlvEntry) {
    this.type = file.type;
    this.tag = `${file.tag}-${entry.position.toString(16)}`;
    this.size = entry.head.length + file.size - entry.position;
    this.modified = file.modified;
    this.caching = file.caching;
    this.#file = file;
    this.#entry = entry;
  }

  async open(): Promise<ResourceReading> {
    const { head, position } = this.#entry;
    const reading = await this.#file.open();
    return {
      read: (at) => at < head.length ? head.subarray(at) : reading.read(position + at - head.length),
      close: () => reading.close(),
    };
  }
}
