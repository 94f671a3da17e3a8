import { readAdts } from "../../../media/codec/adts.ts";
import { audioConfigBody, audioFrameBody } from "../../../media/flv/body_writer.ts";
import type { Codec } from "../../../media/packet.ts";
import { microseconds, type StoredFrame } from "./file_picture.ts";
import type { FileFrame } from "./media_file.ts";

/** What a file says of its sound. */
export interface SoundDetails {
  readonly codec: Codec;
  /** The decoder's configuration; absent in byte streams and for codecs whose frames say it all. */
  readonly description?: Uint8Array;
}

/** The frames of a file's sound as FLV bodies. */
export async function* soundFrames(
  packets: AsyncIterable<StoredFrame>,
  { codec, description }: SoundDetails,
): AsyncGenerator<FileFrame> {
  let isFirst = true;
  for await (const { data, timestamp, duration } of packets) {
    const dts = microseconds(timestamp);
    const { config, frames } = codec === "aac" && !description
      ? readAdts(data)
      : { config: description, frames: [data] };
    const body = isFirst && config && audioConfigBody(codec, config);
    isFirst = false;
    if (body) yield { kind: "audio", role: "config", codec, dts, shown: dts, end: dts, body };
    for (const [i, frame] of frames.entries()) {
      const [from, to] = [i, i + 1].map((part) => dts + microseconds(duration * part / frames.length));
      yield {
        kind: "audio",
        role: "frame",
        codec,
        dts: from,
        shown: from,
        end: to,
        body: audioFrameBody(codec, frame),
      };
    }
  }
}
