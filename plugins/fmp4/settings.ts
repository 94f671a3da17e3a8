import { z } from "zod";
import {
  pathSetting,
  type RecordingSettings,
  type RecordingShape,
  recordingShape,
} from "../shared/recordings/recording_settings.ts";

const VARIANTS = ["merge", "separate"] as const;

/** The shape of the settings. */
export type Fmp4Shape = RecordingShape & {
  path: z.ZodDefault<z.ZodString>;
  variants: z.ZodDefault<z.ZodArray<z.ZodEnum<{ merge: "merge"; separate: "separate" }>>>;
  segmentSeconds: z.ZodDefault<z.ZodNumber>;
  fragmentSeconds: z.ZodDefault<z.ZodNumber>;
  sync: z.ZodDefault<z.ZodBoolean>;
  windowSeconds: z.ZodDefault<z.ZodNumber>;
  keepSegmentsSeconds: z.ZodDefault<z.ZodNumber>;
};

/** The settings of live fMP4 and of complete MP4 files. */
export const fmp4Config: z.ZodObject<Fmp4Shape> = z.object({
  ...recordingShape,
  path: pathSetting("mp4/{vhost}/{app}/{stream}/{date}_{time}.mp4"),
  variants: z.array(z.enum(VARIANTS)).default([...VARIANTS]).describe(
    "Live segments to offer: merge has all tracks in one, separate costs as much disk again; complete files need neither",
  ),
  segmentSeconds: z.number().min(0.5).max(60).default(2).describe(
    "A live segment ends at the first key frame from so many seconds on",
  ),
  fragmentSeconds: z.number().min(0.1).max(10).default(0.5).describe(
    "What is written at a time, in seconds: so much is lost when the server is killed",
  ),
  sync: z.boolean().default(true).describe(
    "Whether each fragment is forced onto the disk, so that a loss of power takes no more than a kill",
  ),
  windowSeconds: z.number().min(0).default(14_400).describe(
    "While a stream is live its segments are offered for so many seconds, the complete file has all; 0 for as long as it lasts",
  ),
  keepSegmentsSeconds: z.number().min(0).default(86_400).describe(
    "Segments are removed so many seconds after the session, at the latest when the next one begins; 0 for then only",
  ),
});

/** The settings as they are in force. */
export type Fmp4Settings = RecordingSettings & z.output<z.ZodObject<Fmp4Shape>>;
