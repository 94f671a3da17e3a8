import type { TrackState } from "../../media/format.ts";
import type { KnownCodec, MediaKind, MediaPacket } from "../../media/packet.ts";
import { ffmpeg, H264 } from "./ffmpeg.ts";
import { ffprobe } from "./ffprobe.ts";

/** H.265 with B-frames and a key frame a second. */
export const HEVC = [
  "-c:v",
  "libx265",
  "-preset",
  "veryfast",
  "-g",
  "25",
  "-x265-params",
  "log-level=none",
  "-tag:v",
  "hvc1",
];

/** H.264 in a small picture. */
export const SMALL: readonly string[] = [...H264, "-s", "160x90"];

/** Two pictures a second, a key every thirty seconds. */
export const LONG_GOP: readonly string[] = "-r 2 -c:v libx264 -preset veryfast -g 60 -keyint_min 60 -bf 2".split(" ");

/** Every second half a second without pictures, and else every third left out. */
export const UNEVEN: readonly string[] = [
  "-vf",
  "select='lt(mod(n,25),12)*mod(n,3)'",
  ..."-fps_mode vfr -g 8 -c:v libx264 -bf 2".split(" "),
];

/** Where the first picture is shown, in microseconds, so that encoders that begin earlier do not begin before 0. */
const ENCODED_START = 1_000_000;

/** What to encode; a kind that is absent is left out. */
export interface EncodeOptions {
  readonly seconds: number;
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
  /** In Hz; by default 48,000. */
  readonly sampleRate?: number;
}

const CODECS: Readonly<Record<string, KnownCodec>> = {
  h264: "avc",
  hevc: "hevc",
  av1: "av1",
  vp9: "vp9",
  aac: "aac",
  mp3: "mp3",
  opus: "opus",
  flac: "flac",
  ac3: "ac3",
  eac3: "eac3",
};

const FLAC_STREAMINFO = [0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34];

/** VP9, profile 0, level 1.1, 4:2:0 in 8 bits: ffmpeg does not tell. */
const VP9_CONFIG = Uint8Array.of(0, 11, 0x82, 2, 2, 2, 0, 0);

interface ProbedStream {
  readonly codec_type: MediaKind;
  readonly codec_name: string;
  readonly extradata?: string;
}

interface ProbedPacket {
  readonly stream_index: number;
  readonly pts_time: string;
  readonly dts_time: string;
  readonly size: string;
  readonly pos: string;
  readonly flags: string;
}

/** What has been encoded, by what was asked for. */
const encoded = new Map<string, Promise<readonly MediaPacket[]>>();

/**
 * Encodes a test picture and a tone: configurations, then frames in the order of their decoding times, in microseconds
 * from about {@linkcode ENCODED_START}. The same is encoded once for all tests of a file.
 *
 * Each frame's bytes are read from where ffprobe says that they are in an MP4 file.
 */
export async function encode({ seconds, video, audio, sampleRate }: EncodeOptions): Promise<MediaPacket[]> {
  const options = { seconds, video, audio, sampleRate };
  const key = JSON.stringify(options);
  const packets = encoded.get(key) ?? encodeAnew(options);
  encoded.set(key, packets);
  return [...await packets];
}

async function encodeAnew(options: EncodeOptions): Promise<MediaPacket[]> {
  const path = await Deno.makeTempFile({ suffix: ".mp4" });
  try {
    await encodeFile(path, options);
    const file = await Deno.readFile(path);
    const entries = "stream=codec_type,codec_name,extradata:packet=stream_index,pts_time,dts_time,size,pos,flags";
    const probed = await ffprobe(["-show_streams", "-show_packets", "-show_data", "-show_entries", entries, path]);
    const streams = (probed.streams as ProbedStream[]).map((stream) => ({ ...stream, ...describe(stream) }));
    const frames = (probed.packets as ProbedPacket[]).map((packet) =>
      frame(packet, streams[packet.stream_index], file)
    );
    return [...streams.flatMap(configPacket), ...frames.sort((a, b) => a.dts - b.dts)];
  } finally {
    await Deno.remove(path);
  }
}

async function encodeFile(path: string, { seconds, video, audio, sampleRate = 48_000 }: EncodeOptions): Promise<void> {
  const inputs = [
    ...(video ? ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"] : []),
    ...(audio ? ["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=${sampleRate}`] : []),
  ];
  const outputs = [...video ?? [], ...audio ?? [], "-strict", "experimental", "-y", path];
  const result = await ffmpeg([...inputs, "-t", String(seconds), ...outputs]);
  if (!result.success) throw new Error(`ffmpeg could not encode: ${result.log}`);
}

interface Described {
  readonly kind: MediaKind;
  readonly codec: KnownCodec;
  readonly config?: Uint8Array;
}

function describe({ codec_type: kind, codec_name, extradata }: ProbedStream): Described {
  const codec = CODECS[codec_name];
  if (codec === "vp9") return { kind, codec, config: VP9_CONFIG };
  const config = parseHexDump(extradata ?? "");
  if (config.length === 0) return { kind, codec };
  return { kind, codec, config: codec === "flac" ? Uint8Array.of(...FLAC_STREAMINFO, ...config) : config };
}

function configPacket({ kind, codec, config }: Described): MediaPacket[] {
  if (!config) return [];
  return [{ kind, role: "config", codec, track: 0, dts: 0, pts: 0, data: config, body: config }];
}

function frame(packet: ProbedPacket, { kind, codec }: Described, file: Uint8Array): MediaPacket {
  const data = file.subarray(Number(packet.pos), Number(packet.pos) + Number(packet.size));
  const role = kind === "audio" ? "frame" : packet.flags.startsWith("K") ? "key" : "delta";
  const dts = micros(packet.dts_time);
  return { kind, role, codec, track: 0, dts, pts: micros(packet.pts_time), data, body: data };
}

function micros(seconds: string): number {
  return ENCODED_START + Math.round(Number(seconds) * 1_000_000);
}

/** The bytes of lines like `00000010: 0102 0304  ....`. */
function parseHexDump(dump: string): Uint8Array {
  const digits = dump.split("\n").map((line) => line.slice(10, 50).replaceAll(" ", "")).join("");
  return Uint8Array.fromHex(digits);
}

/** The tracks of packets, with their configurations, in the order in which they come. */
export function trackStates(packets: readonly MediaPacket[]): TrackState[] {
  const states = new Map<MediaKind, TrackState>();
  for (const packet of packets) {
    if (states.has(packet.kind)) continue;
    const config = packet.role === "config" ? packet : undefined;
    states.set(packet.kind, { kind: packet.kind, track: 0, codec: packet.codec, config });
  }
  return [...states.values()];
}

/** The frames of one kind. */
export function framesOf(packets: readonly MediaPacket[], kind: MediaKind): MediaPacket[] {
  return packets.filter((packet) => packet.kind === kind && packet.role !== "config");
}
