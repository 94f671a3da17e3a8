import { dirname, join } from "@std/path";
import { hasCode, type OpenFile } from "../../../kernel/files/files.ts";
import { streamId, type StreamKey } from "../../../kernel/names.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { writeMasterPlaylist } from "../../../media/hls/master_playlist.ts";
import { writeMediaPlaylist } from "../../../media/hls/media_playlist.ts";
import type { Segment } from "../../../media/hls/segment.ts";
import { SegmentTags } from "../../../media/hls/segment_tags.ts";
import { readText } from "../../shared/http/read_text.ts";
import { ALIAS_NAME, INDEX_NAME, possibleFolders } from "./recording_names.ts";
import { closedPlaylist } from "./closed_playlist.ts";
import type { Mark, Unfinished } from "./unfinished.ts";

/** A segment that is to be recorded. */
export interface RecordedSegment extends Omit<Segment, "uri" | "map" | "key" | "parts"> {
  readonly bytes: Uint8Array;
  /** With the dot: `.ts`. */
  readonly extension: string;
  /** What players must have before it. */
  readonly init?: Uint8Array;
}

/** What is needed of the server. */
export type Disk = Pick<PluginContext, "files" | "dataDir">;

/** What is known of the sessions that are not complete. */
export interface SessionBooks {
  readonly unfinished: Unfinished;
  /** The playlists that are being written, below the data folder. */
  readonly open: Set<string>;
}

const encoder = new TextEncoder();

/**
 * One session of a stream on the disk: a folder of segments and a playlist to which lines are added as segments come, so that
 * whatever is in it can be played at any time. `record.m3u8` beside the folder leads to the newest one.
 */
export class RecordedSession {
  /** The playlist, below the data folder. */
  readonly path: string;
  bytes = 0;
  seconds = 0;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #mark: Mark;
  readonly #playlist: OpenFile;
  readonly #lines: string[] = [];
  readonly #tags = new SegmentTags(this.#lines, false);
  #count = 0;
  #inits = 0;
  #init: Uint8Array | undefined;
  #isBegun = false;

  private constructor(disk: Disk, folder: string, mark: Mark, playlist: OpenFile) {
    this.#disk = disk;
    this.#folder = folder;
    this.path = `${folder}/${INDEX_NAME}`;
    this.#mark = mark;
    this.#playlist = playlist;
  }

  /** Begins in a folder of its own, which is in `open` before anything of it is on the disk: nothing that was recorded is touched. */
  static async begin(
    disk: Disk,
    { unfinished, open }: SessionBooks,
    key: StreamKey,
    date: Date,
  ): Promise<RecordedSession> {
    for (const folder of possibleFolders(key, date)) {
      const path = `${folder}/${INDEX_NAME}`;
      // Repairs pass over what is in `open`: what an earlier session has left must not be in it, not for a moment.
      if (await disk.files.facts(join(disk.dataDir, path)) !== undefined || open.has(path)) continue;
      open.add(path);
      try {
        const mark = await unfinished.mark({ stream: streamId(key.vhost, key.app, key.name), path });
        return new RecordedSession(disk, folder, mark, await createMarked(disk, mark));
      } catch (error) {
        open.delete(path);
        if (!hasCode(error, "EEXIST")) throw error;
      }
    }
    throw new Error("unreachable: there are always further names");
  }

  /** Writes a segment, and then that it is there. None lasts longer than `target` seconds, rounded. */
  async add(segment: RecordedSegment, target: number): Promise<void> {
    const { bytes, extension, init, ...facts } = segment;
    if (init && init !== this.#init) await this.#write(`init-${this.#inits++}.mp4`, init);
    this.#init = init;
    const uri = `${this.#count++}${extension}`;
    await this.#write(uri, bytes);
    const map = init && { uri: `init-${this.#inits - 1}.mp4` };
    await this.#list({ ...facts, discontinuity: facts.discontinuity && this.#isBegun, uri, map }, target);
    this.seconds += segment.duration;
  }

  /** No more segments come: the playlist says so, and that nothing in it will change. */
  async complete(): Promise<void> {
    const { files, dataDir } = this.#disk;
    await this.#playlist.close();
    if (this.#count === 0) await files.remove(join(dataDir, this.#folder));
    else await closePlaylist(this.#disk, this.path);
    await this.#mark.clear();
  }

  /** Lets go of the playlist, and leaves what there is for a repair. */
  async abandon(): Promise<void> {
    await this.#playlist.close();
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await using file = await this.#disk.files.create(join(this.#disk.dataDir, this.#folder, name));
    await file.write(bytes);
    this.bytes += bytes.length;
  }

  async #list(segment: Segment, targetDuration: number): Promise<void> {
    this.#tags.segment(segment);
    const head = { targetDuration, type: "EVENT", segments: [segment] } as const;
    const text = this.#isBegun ? this.#lines.join("\n") + "\n" : writeMediaPlaylist(head);
    this.#lines.length = 0;
    await this.#playlist.write(encoder.encode(text));
    if (!this.#isBegun) await this.#pointHere(segment.duration);
    this.#isBegun = true;
  }

  async #pointHere(seconds: number): Promise<void> {
    const { files, dataDir } = this.#disk;
    const bandwidth = Math.ceil(this.bytes * 8 / seconds);
    const uri = `${this.#folder.slice(dirname(this.#folder).length + 1)}/${INDEX_NAME}`;
    await files.replace(
      join(dataDir, dirname(this.#folder), ALIAS_NAME),
      writeMasterPlaylist({ variants: [{ uri, bandwidth }] }),
    );
  }
}

async function createMarked({ files, dataDir }: Disk, mark: Mark): Promise<OpenFile> {
  try {
    return await files.create(join(dataDir, mark.path));
  } catch (error) {
    await mark.clear();
    throw error;
  }
}

/** Ends a playlist on the disk behind its last complete segment; gives whose segments are in it. */
export async function closePlaylist({ files, dataDir }: Disk, path: string): Promise<readonly string[]> {
  const text = await readText(files, join(dataDir, path)) ?? "";
  const folder = join(dataDir, dirname(path));
  const isThere = async (name: string) => ((await files.facts(join(folder, name)))?.size ?? 0) > 0;
  const { text: closed, uris } = await closedPlaylist(text, isThere);
  if (uris.length > 0) await files.replace(join(dataDir, path), closed);
  return uris;
}
