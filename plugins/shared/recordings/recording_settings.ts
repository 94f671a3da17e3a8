import { z } from "zod";
import { isStreamPattern } from "../../../kernel/streams/stream_pattern.ts";
import type { RetentionLimits } from "./retention.ts";
import { templateFault } from "../path_template.ts";

const MEGABYTE = 1_000_000;

const pattern = z.string().refine(isStreamPattern, {
  error: ({ input }) => `"${input}" is no pattern of streams: expected APP/STREAM, where * stands for anything`,
});

/** The shape of the settings that say which streams a sink writes. */
export type StreamsShape = { streams: z.ZodDefault<z.ZodArray<z.ZodString>> };

/** Which streams a sink writes. */
export const streamsShape: StreamsShape = {
  streams: z.array(pattern).default(["*"]).describe(
    "Streams to write: live/cam, live/*, !live/private* to leave out; the last that fits decides",
  ),
};

/** The shape of the settings of sinks that record. */
export type RecordingShape = StreamsShape & {
  splitSeconds: z.ZodDefault<z.ZodNumber>;
  splitMegabytes: z.ZodDefault<z.ZodNumber>;
  keepDays: z.ZodDefault<z.ZodNumber>;
  keepMegabytes: z.ZodDefault<z.ZodNumber>;
  minFreeMegabytes: z.ZodDefault<z.ZodNumber>;
};

const amount = () => z.number().min(0);

/** What sinks that record have in common. */
export const recordingShape: RecordingShape = {
  ...streamsShape,
  splitSeconds: amount().default(0).describe("A new file after so many seconds, at a key frame; 0 for one a session"),
  splitMegabytes: amount().default(0).describe(
    "A new file after so many megabytes, at a key frame; 0 for one a session",
  ),
  keepDays: amount().default(0).describe("Recordings that are older than so many days are removed; 0 keeps them"),
  keepMegabytes: amount().default(0).describe(
    "The oldest recordings are removed when all together are larger than so many megabytes; 0 keeps them",
  ),
  minFreeMegabytes: amount().default(100).describe(
    "Nothing is written while less is free on the disk, in megabytes; with keepDays or keepMegabytes the oldest go first",
  ),
};

/** Those of them that count for what is recorded later when they change while the server runs: all. */
export const RECORDING_SETTINGS: readonly (keyof RecordingShape)[] = [
  "streams",
  "splitSeconds",
  "splitMegabytes",
  "keepDays",
  "keepMegabytes",
  "minFreeMegabytes",
];

/** A path template's setting with this default. */
export function pathSetting(template: string): z.ZodDefault<z.ZodString> {
  const checked = z.string().refine((text) => templateFault(text) === undefined, {
    error: ({ input }) => `"${input}" is no template for paths: ${templateFault(String(input))}`,
  });
  return checked.default(template).describe(
    "Where each file goes, made from {vhost} {app} {stream} {date} {time} {session} {seq}",
  );
}

/** The settings as they are in force. */
export type RecordingSettings = z.output<z.ZodObject<RecordingShape>>;

/** Those of them that say how long recordings are kept. */
export type KeepSettings = Pick<RecordingSettings, "keepDays" | "keepMegabytes" | "minFreeMegabytes">;

/** Old recordings make room well before writing has to stop: at so many times the space that is to stay free. */
const ROOM = 2;

/** What the settings say of how long recordings are kept: for room on the disk only when they may be removed at all. */
export function retentionLimits({ keepDays, keepMegabytes, minFreeMegabytes }: KeepSettings): RetentionLimits {
  const mayRemove = keepDays > 0 || keepMegabytes > 0;
  return {
    keepDays,
    keepBytes: keepMegabytes * MEGABYTE,
    minFreeBytes: mayRemove ? ROOM * minFreeMegabytes * MEGABYTE : 0,
  };
}

/** With less free space on the disk than this, in bytes, nothing is written. */
export function minFreeBytes({ minFreeMegabytes }: KeepSettings): number {
  return minFreeMegabytes * MEGABYTE;
}

/** What a file may hold before a new one begins. */
export function splitLimits({ splitSeconds, splitMegabytes }: RecordingSettings): { micros: number; bytes: number } {
  return {
    micros: splitSeconds > 0 ? splitSeconds * 1_000_000 : Infinity,
    bytes: splitMegabytes > 0 ? splitMegabytes * MEGABYTE : Infinity,
  };
}
