/**
 * Reads MP4, Matroska, WebM, MPEG-TS and a few more; loaded when such a file is chosen.
 *
 * @module
 */
import {
  ALL_FORMATS,
  BlobSource,
  type EncodedPacket,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
} from "mediabunny";
import { hasFlvBody } from "../media/flv/body_writer.ts";
import { codecName } from "./shared/codec_names.ts";
import { type SoundDetails, soundFrames } from "./push/file/file_sound.ts";
import { type PictureDetails, pictureFrames } from "./push/file/file_picture.ts";
import { type FileFrame, type FileTrack, interleave, type MediaFile } from "./push/file/media_file.ts";
import { copyOf } from "./push/encode/copy_bytes.ts";

/** A track that can be published. */
interface Reader extends FileTrack {
  frames(): AsyncGenerator<FileFrame>;
}

/** Opens a file of any format but FLV; rejects when it is none that can be read. */
export function openMediaFile(file: Blob): Promise<MediaFile> {
  return openMedia(new Input({ formats: ALL_FORMATS, source: new BlobSource(file) }));
}

/**
 * The same for what is read from elsewhere; the input is to be disposed of by whoever made it. `isLive`: it has no length that
 * could be known, and may grow.
 */
export async function openMedia(input: Input, { isLive = false } = {}): Promise<MediaFile> {
  const format = await input.getFormat();
  const faults: string[] = [];
  const [video, audio] = await Promise.all([input.getPrimaryVideoTrack(), input.getPrimaryAudioTrack()]);
  const readers = [video && await pictureReader(video, faults), audio && await soundReader(audio, faults)];
  const tracks = readers.filter((reader) => reader !== null && reader !== undefined);
  if (!video && !audio) faults.push("There is neither picture nor sound in this file");
  return {
    format: format.name,
    duration: isLive ? undefined : await input.computeDuration(),
    tracks,
    faults,
    frames: () => interleave(tracks.map((track) => track.frames())),
  };
}

async function pictureReader(track: InputVideoTrack, faults: string[]): Promise<Reader | undefined> {
  const { codec } = track;
  const config = codec && await track.getDecoderConfig();
  if (!codec || !config || !hasFlvBody("video", codec)) {
    faults.push(`The picture is ${nameOf(track)}, which FLV cannot carry`);
    return undefined;
  }
  const details: PictureDetails = { codec, codecString: config.codec, description: descriptionOf(config) };
  return { kind: "video", codec: codecName(codec), frames: () => pictureFrames(packetsOf(track), details) };
}

async function soundReader(track: InputAudioTrack, faults: string[]): Promise<Reader | undefined> {
  const { codec } = track;
  const config = codec && await track.getDecoderConfig();
  if (!codec || !config || !hasFlvBody("audio", codec)) {
    faults.push(`The sound is ${nameOf(track)}, which FLV cannot carry`);
    return undefined;
  }
  const details: SoundDetails = { codec, description: descriptionOf(config) };
  return { kind: "audio", codec: codecName(codec), frames: () => soundFrames(packetsOf(track), details) };
}

/** What the file itself calls a codec, where nobody else has a name for it. */
function nameOf({ codec, internalCodecId }: InputVideoTrack | InputAudioTrack): string {
  if (codec) return codecName(codec);
  return internalCodecId === null ? "of an unknown codec" : `"${internalCodecId}"`;
}

function descriptionOf({ description }: VideoDecoderConfig | AudioDecoderConfig): Uint8Array | undefined {
  return description && copyOf(description);
}

async function* packetsOf(track: InputVideoTrack | InputAudioTrack): AsyncGenerator<EncodedPacket> {
  yield* new EncodedPacketSink(track).packets();
}
