import { AnnexBReader, type NalCodec } from "../../../media/codec/annex_b.ts";
import { av1Record, vpRecord } from "../../../media/codec/config_writer.ts";
import { type Decodable, DecodeOrder } from "../../../media/decode_order.ts";
import { videoConfigBody, videoFrameBody } from "../../../media/flv/body_writer.ts";
import type { Codec } from "../../../media/packet.ts";
import type { FileFrame } from "./media_file.ts";

/** A frame as a file reader gives it. */
export interface StoredFrame {
  readonly data: Uint8Array;
  readonly type: "key" | "delta";
  /** When it is shown, in seconds. */
  readonly timestamp: number;
  /** In seconds. */
  readonly duration: number;
}

/** What a file says of its picture. */
export interface PictureDetails {
  readonly codec: Codec;
  /** As in `codecs=`. */
  readonly codecString: string;
  /** The decoder's configuration record; absent in byte streams and where the codec string says it all. */
  readonly description?: Uint8Array;
}

/** A frame with its payload as FLV has it. */
interface Picture {
  readonly stored: StoredFrame;
  readonly data: Uint8Array;
  readonly config?: Uint8Array;
}

/** The frames of a file's picture, in the order of decoding, as FLV bodies. */
export async function* pictureFrames(
  packets: AsyncIterable<StoredFrame>,
  details: PictureDetails,
): AsyncGenerator<FileFrame> {
  const order = new DecodeOrder<Picture>();
  const read = pictureReader(details);
  for await (const stored of packets) {
    const ready = order.push({ stored, ...read(stored) }, microseconds(stored.timestamp));
    if (ready) yield* bodiesOf(ready, details.codec);
  }
  for (const ready of order.flush()) yield* bodiesOf(ready, details.codec);
}

/** How a payload becomes what FLV has, and what configuration comes with it. */
function pictureReader({ codec, codecString, description }: PictureDetails) {
  if (isNalCodec(codec) && !description) {
    const reader = new AnnexBReader(codec);
    return ({ data }: StoredFrame) => reader.read(data);
  }
  let isFirst = true;
  return ({ data }: StoredFrame) => {
    const config = isFirst ? description ?? madeConfig(codec, codecString, data) : undefined;
    isFirst = false;
    return { data, config };
  };
}

function isNalCodec(codec: Codec): codec is NalCodec {
  return codec === "avc" || codec === "hevc";
}

function madeConfig(codec: Codec, codecString: string, keyFrame: Uint8Array): Uint8Array | undefined {
  if (codec === "av1") return av1Record(codecString, keyFrame);
  return codec === "vp9" || codec === "vp8" ? vpRecord(codecString) : undefined;
}

function* bodiesOf({ picture, dts, pts }: Decodable<Picture>, codec: Codec): Generator<FileFrame> {
  const { stored, data, config } = picture;
  const common = { kind: "video", codec, dts } as const;
  if (config) yield { ...common, role: "config", shown: pts, end: pts, body: videoConfigBody(codec, config) };
  const isKey = stored.type === "key";
  const end = pts + microseconds(stored.duration);
  yield {
    ...common,
    role: isKey ? "key" : "delta",
    shown: pts,
    end,
    body: videoFrameBody(codec, isKey, pts - dts, data),
  };
}

/** A reader's seconds in whole microseconds. */
export function microseconds(seconds: number): number {
  return Math.round(seconds * 1_000_000);
}
