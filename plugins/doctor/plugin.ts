import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import type { DoctorLimits } from "./rules.ts";

/** The shape of the settings. */
type DoctorConfig = z.ZodObject<{ [K in keyof DoctorLimits]: z.ZodDefault<z.ZodNumber> }>;

/** The settings of the doctor: from where on something is worth a word. */
export const doctorConfig: DoctorConfig = z.object({
  keyFrameSeconds: z.number().min(0.5).max(60).default(3).describe(
    "Key frames that are so many seconds apart are too far from each other for quick starts and for HLS",
  ),
  audioLateSeconds: z.number().min(0).max(60).default(1).describe(
    "Sound that comes so many seconds after the pictures is missed at the start of recordings",
  ),
  // What the buffer of a live player does not hide.
  jitterMs: z.number().min(0).max(60_000).default(500).describe(
    "Packets that come so many milliseconds late make an upload unsteady",
  ),
  // Two clocks that differ by so much are a second apart after less than an hour.
  driftPpm: z.number().min(0).max(1_000_000).default(300).describe(
    "An encoder's clock that is wrong by so many parts of a million runs fast or slow",
  ),
});

/** Watches all streams and says in words what is not well with them: in the log, in the API, on the dashboard. */
export const doctor: PluginFactory<DoctorConfig> = definePlugin({
  name: "doctor",
  config: doctorConfig,
  setup: async (ctx, limits) => (await import("./set_up.ts")).setUp(ctx, limits),
});

export default doctor;
