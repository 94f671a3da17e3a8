import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { pathSetting, type RecordingShape, recordingShape } from "../shared/recordings/recording_settings.ts";
import { DEFAULT_TEMPLATE, FLV_RECORD } from "./recording_names.ts";

/** The shape of the settings. */
type FlvRecordConfig = z.ZodObject<
  RecordingShape & { path: z.ZodDefault<z.ZodString>; sync: z.ZodDefault<z.ZodBoolean> }
>;

const config: FlvRecordConfig = z.object({
  ...recordingShape,
  path: pathSetting(DEFAULT_TEMPLATE),
  sync: z.boolean().default(true).describe(
    "Whether what was written is forced onto the disk once a second, so that a loss of power takes no more than a kill",
  ),
});

/** The settings of FLV recording. */
export type FlvRecordSettings = z.output<FlvRecordConfig>;

/**
 * Records streams as FLV files: one for each time that a stream is live, complete with duration and index when it ends.
 *
 * They lie below `flv/` in the data folder, the newest also as `index.flv` in its stream's folder. What a crash leaves is
 * repaired at the next start.
 */
export const flvRecord: PluginFactory<FlvRecordConfig> = definePlugin({
  name: FLV_RECORD,
  atHome: true,
  config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default flvRecord;
