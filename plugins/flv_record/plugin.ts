import { z } from "zod";
import { definePlugin, type PluginContext, type PluginFactory } from "../../kernel/plugin.ts";
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
import { lister } from "./listing.ts";
import { FlvRecorder } from "./recorder.ts";
import { FLV_RECORD } from "./recording_names.ts";
import { Recordings } from "./recordings.ts";
import { Repairs } from "./repairs.ts";
import { type Mark, Unfinished } from "./unfinished.ts";

/** The settings of FLV recording. */
type FlvRecordConfig = z.ZodObject<RecordingShape & { path: z.ZodDefault<z.ZodString> }>;

const config: FlvRecordConfig = z.object({
  ...recordingShape,
  path: pathSetting("{vhost}/{app}/{stream}/{date}_{time}"),
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
    const unfinished = new Unfinished(ctx);
    const repairs = new Repairs(ctx, await leftBehind(ctx, unfinished));
    const recordings = new Recordings(ctx, settings.path, unfinished, repairs);
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
    keepTidy(ctx, { name: FLV_RECORD, ...retentionLimits(settings), list: lister(ctx, settings.path, unfinished) });
  },
});

export default flvRecord;

/** A disk that cannot be read keeps nobody from watching. */
async function leftBehind({ log }: PluginContext, unfinished: Unfinished): Promise<Mark[]> {
  try {
    return await unfinished.left();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.error(`Cannot look for recordings that broke off: ${why}`, { error });
    return [];
  }
}
