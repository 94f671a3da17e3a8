import { z } from "zod";

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
}>;

/** The settings of HLS. */
export const hlsConfig: HlsConfig = z.object({
  streams: z.array(z.string()).default(["*"])
    .describe("Which streams are made into HLS: patterns of APP/STREAM; those with ! in front are left out."),
  segmentSeconds: z.number().min(0.5).max(30).default(2)
    .describe(
      "How long segments should be. They begin at key frames: the encoder's interval of key frames has to fit.",
    ),
  windowSegments: z.int().min(3).max(1000).default(6).describe("How many segments a live playlist lists."),
  container: z.enum(["auto", "ts", "fmp4"]).default("auto")
    .describe("What segments are written in; auto takes MPEG-TS, and fragmented MP4 where the codecs need it."),
  lowLatency: z.boolean().default(true)
    .describe(
      "Whether segments are offered in parts as they come (LL-HLS); other players are served by the same playlist.",
    ),
  partMs: z.int().min(100).max(2000).default(200).describe("How long those parts should be, in milliseconds."),
  onDemand: z.boolean().default(false)
    .describe("Whether a stream is made into HLS only while somebody watches it that way."),
  keepSeconds: z.number().min(1).max(3600).default(30)
    .describe("How long a playlist is kept after its stream has ended, or, on demand, after the last request for it."),
});

/** The settings of HLS, checked. */
export type HlsSettings = z.output<HlsConfig>;
