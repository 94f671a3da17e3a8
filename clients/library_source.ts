import { ALL_FORMATS, CustomSource, Input } from "mediabunny";
import type { OpenFile } from "../kernel/files/files.ts";
import { parseTagBody } from "../media/flv/body.ts";
import { tagTypeOf } from "../media/flv/tag.ts";
import type { MediaPacket } from "../media/packet.ts";
import type { FileFrame, MediaFile } from "../web/push/file/media_file.ts";
import { openMedia } from "../web/push_file_library.ts";
import type { MediaSource } from "./media_source.ts";
import "./quiet_library.ts";

/**
 * Opens a file of any format but FLV; the file is closed with the source.
 *
 * @throws {Error} when it is none that can be read, or nothing in it can be published
 */
export async function openLibrarySource(file: OpenFile, size: number, path: string): Promise<MediaSource> {
  const input = new Input({ formats: ALL_FORMATS, source: sourceOf(file, size) });
  // Of very short files the library says that it is itself at fault.
  if (!await input.canRead().catch(() => false)) {
    throw new Error(`${path} is no media file: expected FLV, MP4, MOV, MKV, WebM or TS`);
  }
  const media = await openMedia(input, { head: (length) => readFrom(file, 0, Math.min(length, size)) });
  if (media.tracks.length === 0) {
    input.dispose();
    throw new Error(`Nothing in ${path} can be published: ${media.faults.join("; ")}`);
  }
  return {
    format: media.format,
    seconds: media.duration === undefined ? undefined : media.duration - Math.max(0, await input.getFirstTimestamp()),
    faults: media.faults,
    hasTrueTimes: true,
    packets: () => packetsOfMedia(media),
    async [Symbol.asyncDispose]() {
      input.dispose();
      await file.close();
    },
  };
}

function sourceOf(file: OpenFile, size: number): CustomSource {
  return new CustomSource({
    getSize: () => size,
    read: (start, end) => readFrom(file, start, end),
    prefetchProfile: "fileSystem",
  });
}

async function readFrom(file: OpenFile, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  for (let done = 0; done < bytes.length;) {
    const count = await file.read(bytes.subarray(done), start + done);
    if (count === 0) throw new Error("The file has become shorter while it was read");
    done += count;
  }
  return bytes;
}

/** The file's frames as packets; the earliest time is 0 or later, since pictures are decoded before they are shown. */
export async function* packetsOfMedia(media: MediaFile): AsyncGenerator<MediaPacket> {
  let earliest: number | undefined;
  for await (const frame of media.frames()) {
    earliest ??= Math.min(0, frame.dts);
    yield* packetsOfFrame(frame, frame.dts - earliest);
  }
}

/** `dts` in microseconds. A body holds whole milliseconds from decoding to showing, so a frame is shown in the same. */
function packetsOfFrame({ kind, body }: FileFrame, dts: number): MediaPacket[] {
  return parseTagBody(tagTypeOf(kind), dts / 1000, body);
}
