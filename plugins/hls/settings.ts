import { z } from "zod";
import { isStreamPattern } from "../../kernel/streams/stream_pattern.ts";
import { type RecordingShape, recordingShape } from "../shared/recordings/recording_settings.ts";

const NAME = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;

const NAME_RULE = "has to be APP/STREAM, of letters, digits, _ and -";

const pattern = z.string().refine(isStreamPattern, {
  error: ({ input }) => `"${input}" is no pattern of streams: expected APP/STREAM, where * stands for anything`,
});

/** The shape of the settings of HLS. */
export type HlsConfig = z.ZodObject<{
  streams: z.ZodDefault<z.ZodArray<z.ZodString>>;
  segmentSeconds: z.ZodDefault<z.ZodNumber>;
  windowSegments: z.ZodDefault<z.ZodInt>;
  container: z.ZodDefault<z.ZodEnum<{ auto: "auto"; ts: "ts"; fmp4: "fmp4" }>>;
  lowLatency: z.ZodDefault<z.ZodBoolean>;
  partMs: z.ZodDefault<z.ZodInt>;
  onDemand: z.ZodDefault<z.ZodBoolean>;
  keepSeconds: z.ZodDefault<z.ZodNumber>;
  record: z.ZodDefault<z.ZodBoolean>;
  keepDays: RecordingShape["keepDays"];
  keepMegabytes: RecordingShape["keepMegabytes"];
  minFreeMegabytes: RecordingShape["minFreeMegabytes"];
  groups: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodArray<z.ZodString>>>;
  encryption: z.ZodPrefault<
    z.ZodObject<{ enabled: z.ZodDefault<z.ZodBoolean>; segmentsPerKey: z.ZodDefault<z.ZodInt> }>
  >;
}>;

/** The settings of HLS. */
export const hlsConfig: HlsConfig = z.object({
  streams: z.array(pattern).default(["*"])
    .describe("Streams to make into HLS: live/cam, live/*, !live/private* to leave out; the last that fits decides"),
  segmentSeconds: z.number().min(0.5).max(30).default(2)
    .describe(
      "How long segments should be. They begin at key frames: the encoder's interval of key frames has to fit.",
    ),
  windowSegments: z.int().min(3).max(1000).default(6).describe("How many segments a live playlist lists"),
  container: z.enum(["auto", "ts", "fmp4"]).default("auto")
    .describe("What segments are written in; auto takes MPEG-TS, and fragmented MP4 where the codecs need it"),
  lowLatency: z.boolean().default(true)
    .describe(
      "Whether segments are offered in parts as they come (LL-HLS); other players are served by the same playlist.",
    ),
  partMs: z.int().min(100).max(2000).default(200).describe("How long those parts should be, in milliseconds"),
  onDemand: z.boolean().default(false)
    .describe("Whether a stream is made into HLS only while somebody watches it that way"),
  keepSeconds: z.number().min(1).max(3600).default(30)
    .describe("How long a playlist is kept after its stream has ended, or, on demand, after the last request for it"),
  record: z.boolean().default(false)
    .describe(
      "Whether segments are also kept on the disk: the newest session of a stream at /hls/APP/STREAM/record.m3u8",
    ),
  keepDays: recordingShape.keepDays,
  keepMegabytes: recordingShape.keepMegabytes,
  minFreeMegabytes: recordingShape.minFreeMegabytes,
  groups: z.record(z.string().regex(NAME, NAME_RULE), z.array(pattern).min(1)).default({}).meta({
    description:
      "Streams that are one program in several qualities: live/cam=live/cam_* offers all at /hls/live/cam/index.m3u8",
    allowed: "for each APP/STREAM the patterns of the streams that are its qualities",
  }),
  encryption: z.object({
    enabled: z.boolean().default(false)
      .describe(
        "Whether segments are encrypted with AES-128, with keys for those who may play; there are no parts then.",
      ),
    segmentsPerKey: z.int().min(1).max(1000).default(10)
      .meta({ description: "How many segments share a key", secret: false }),
  }).prefault({}),
});

/** The settings of HLS, checked. */
export type HlsSettings = z.output<HlsConfig>;
