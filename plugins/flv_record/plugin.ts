import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";
import {
  minFreeBytes,
  pathSetting,
  type RecordingShape,
  recordingShape,
  retentionLimits,
  splitLimits,
} from "../shared/recording_settings.ts";
import { keepTidy } from "../shared/retention.ts";
import { runSink } from "../shared/sink_runner.ts";
import { RecordingListing } from "./listing.ts";
import { FlvRecorder } from "./recorder.ts";
import { DEFAULT_TEMPLATE, FLV_RECORD } from "./recording_names.ts";
import { Recordings } from "./recordings.ts";
import { Repairs } from "./repairs.ts";
import { Unfinished } from "./unfinished.ts";

/** The settings of FLV recording. */
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

/**
 * Records streams as FLV files: one for each time that a stream is live, complete with duration and index when it ends.
 *
 * They lie below `flv/` in the data folder, the newest also as `index.flv` in its stream's folder. What a crash leaves is
 * repaired at the next start.
 */
export const flvRecord: PluginFactory<FlvRecordConfig> = definePlugin({
  name: FLV_RECORD,
  config,
  async setup(ctx, settings) {
    await ctx.claimDataDir();
    const unfinished = new Unfinished(ctx);
    const repairs = new Repairs(ctx, unfinished);
    const recordings = new Recordings(ctx, { template: settings.path, isSynced: settings.sync, unfinished, repairs });
    ctx.defer(() => repairs.run());
    ctx.on("server:start", () => void repairs.run());
    runSink(ctx, {
      name: FLV_RECORD,
      streams: settings.streams,
      minFreeBytes: minFreeBytes(settings),
      open: (stream) => {
        void repairs.run();
        return new FlvRecorder(stream, {
          clock: ctx.clock,
          limits: splitLimits(settings),
          create: (began, seq) => recordings.create(stream, began, seq),
        });
      },
    });
    const listing = new RecordingListing(ctx, settings.path, unfinished);
    keepTidy(ctx, { name: FLV_RECORD, ...retentionLimits(settings), list: () => listing.list() });
  },
});

export default flvRecord;
