import type { UploadPacket } from "../upload/flv_upload.ts";

/** One frame or configuration of a file. */
export interface FileFrame extends UploadPacket {
  /** When it is shown or heard, in microseconds of the file's own time. */
  readonly shown: number;
  /** When that is over, in microseconds of the file's own time. */
  readonly end: number;
}

/** What is known of a track. */
export interface FileTrack {
  readonly kind: "video" | "audio";
  /** The codec's name, as people say it. */
  readonly codec: string;
}

/** A local file that can be published. */
export interface MediaFile {
  /** `MP4`, `Matroska` … */
  readonly format: string;
  /** In seconds; undefined when the file does not say it. */
  readonly duration?: number;
  /** What is published of it. */
  readonly tracks: readonly FileTrack[];
  /** What cannot be published, in words. */
  readonly faults: readonly string[];
  /** All frames from the beginning on, in the order of decoding, sound and picture together; times in microseconds. */
  frames(): AsyncGenerator<FileFrame>;
}

/** Merges frames of several tracks, each in the order of its own times, into the order of all times. */
export async function* interleave(tracks: readonly AsyncGenerator<FileFrame>[]): AsyncGenerator<FileFrame> {
  const heads = await Promise.all(tracks.map((track) => track.next()));
  try {
    while (true) {
      let earliest = -1;
      heads.forEach(({ done, value }, i) => {
        if (!done && (earliest < 0 || value!.dts < heads[earliest].value!.dts)) earliest = i;
      });
      if (earliest < 0) return;
      yield heads[earliest].value!;
      heads[earliest] = await tracks[earliest].next();
    }
  } finally {
    await Promise.all(tracks.map((track) => track.return(undefined)));
  }
}
