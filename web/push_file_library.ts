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
  MPEG_TS,
} from "mediabunny";
import { hasFlvBody } from "../media/flv/body_writer.ts";
import { readProgramMap } from "../media/ts/program_map.ts";
import { type NamedStream, streamName } from "../media/ts/stream_name.ts";
import { codecName } from "./shared/codec_names.ts";
import { type SoundDetails, soundFrames } from "./push/file/file_sound.ts";
import { type PictureDetails, pictureFrames } from "./push/file/file_picture.ts";
import { type FileFrame, type FileTrack, interleave, type MediaFile } from "./push/file/media_file.ts";
import { copyOf } from "./push/encode/copy_bytes.ts";

/** So much of a transport stream is looked at for its program map, in bytes: it is repeated several times a second. */
const HEAD_BYTES = 1024 * 1024;

/** What FLV has a body for; the library reads them from other files. */
const CARRIED: ReadonlySet<string> = new Set(["AAC in LATM", "Opus", "AV1", "H.266"]);

/** A track that can be published. */
interface Reader extends FileTrack {
  frames(): AsyncGenerator<FileFrame>;
}

/** Opens a file of any format but FLV; rejects when it is none that can be read. */
export function openMediaFile(file: Blob): Promise<MediaFile> {
  const head = (length: number) => file.slice(0, length).bytes();
  return openMedia(new Input({ formats: ALL_FORMATS, source: new BlobSource(file) }), { head });
}

/** What is known of an input. */
export interface MediaOptions {
  /** It has no length that could be known, and may grow. */
  readonly isLive?: boolean;
  /** Reads its first bytes, for tracks that the library passes over. */
  head?(length: number): Promise<Uint8Array>;
}

/** The same for what is read from elsewhere; the input is to be disposed of by whoever made it. */
export async function openMedia(input: Input, { isLive = false, head }: MediaOptions = {}): Promise<MediaFile> {
  const format = await input.getFormat();
  const faults: string[] = [];
  const [video, audio] = await Promise.all([input.getPrimaryVideoTrack(), input.getPrimaryAudioTrack()]);
  const readers = [video && await pictureReader(video, faults), audio && await soundReader(audio, faults)];
  const tracks = readers.filter((reader) => reader !== null && reader !== undefined);
  const isThere = { video: video !== null, audio: audio !== null };
  if (head && format === MPEG_TS) faults.push(...passedOver(await head(HEAD_BYTES), isThere));
  if (!video && !audio && faults.length === 0) faults.push("There is neither picture nor sound in this file");
  return {
    format: format.name,
    duration: isLive ? undefined : await input.computeDuration(),
    tracks,
    faults,
    frames: () => interleave(tracks.map((track) => track.frames())),
  };
}

/** What the library passes over in a transport stream: tracks whose frames it cannot tell apart. */
function passedOver(head: Uint8Array, isThere: { readonly video: boolean; readonly audio: boolean }): string[] {
  const named = (readProgramMap(head) ?? []).map(streamName);
  return (["video", "audio"] as const).flatMap((kind) => {
    const stream = isThere[kind] ? undefined : named.find((each) => each?.kind === kind);
    return stream ? [`The ${kind === "video" ? "picture" : "sound"} is ${stream.name}, which ${reasonOf(stream)}`] : [];
  });
}

function reasonOf({ name }: NamedStream): string {
  return CARRIED.has(name) ? "cannot be read from MPEG-TS" : "FLV cannot carry";
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
