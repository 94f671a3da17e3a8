import { z } from "zod";
import { isStreamPattern } from "../../kernel/streams/stream_pattern.ts";

/** One command and when it runs. */
export interface CommandSettings {
  /** The program and its arguments, each for itself: no shell reads them. */
  readonly run: readonly string[];
  /** The event that starts it, unless it runs along with streams. */
  readonly on?: string;
  /** `stream`: it runs for as long as a stream is live. */
  readonly while?: "stream";
  /** For which streams; those of all when empty. */
  readonly streams: readonly string[];
  /** Seconds after which it is killed; 0 for never. */
  readonly timeoutSeconds: number;
}

/** The settings of commands. */
export interface ExecSettings {
  readonly commands: readonly CommandSettings[];
  readonly concurrency: number;
}

const pattern = z.string().refine(isStreamPattern, {
  error: "must be a pattern of streams: APP/STREAM, where * stands for anything",
}).meta({ allowed: "a pattern of streams" });

const command = z.object({
  run: z.array(z.string().min(1)).min(1),
  on: z.string().min(1).optional(),
  while: z.literal("stream").optional(),
  streams: z.array(pattern).default([]),
  timeoutSeconds: z.number().min(0).max(86_400).default(60),
}).refine((each) => (each.on === undefined) !== (each.while === undefined), {
  error: 'must have either "on", an event, or "while": "stream"',
});

/** The schema of {@linkcode ExecSettings}. */
export const execSchema: z.ZodObject = z.object({
  commands: z.array(command).default([]).meta({
    description: "Programs that run on events, or along with streams: run, on or while, streams, timeoutSeconds",
    placeholder: "json",
  }),
  concurrency: z.int().min(1).max(1000).default(16).describe(
    "Commands of events that run at once; further ones wait. Those that run along with streams are not counted",
  ),
}) satisfies z.ZodType<ExecSettings>;
