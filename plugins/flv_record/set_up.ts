import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { liveSettings } from "../shared/live_settings.ts";
import {
  minFreeBytes,
  RECORDING_SETTINGS,
  retentionLimits,
  splitLimits,
} from "../shared/recordings/recording_settings.ts";
import { keepTidy } from "../shared/recordings/retention.ts";
import { runSink } from "../shared/sink_runner.ts";
import { RecordingListing } from "./listing.ts";
import { FlvRecorder } from "./recorder.ts";
import { FLV_RECORD } from "./recording_names.ts";
import { Recordings } from "./recordings.ts";
import { Repairs } from "./repairs.ts";
import { Unfinished } from "./unfinished.ts";
import type { FlvRecordSettings } from "./plugin.ts";

/** Records what the settings say, and sees to what earlier runs left. */
export async function setUp(ctx: PluginContext, first: FlvRecordSettings): Promise<Reloadable<FlvRecordSettings>> {
  const live = liveSettings(first);
  const settings = live.now;
  await ctx.claimDataDir();
  const unfinished = new Unfinished(ctx);
  // Later, what looks torn may be about to be made in a worker. A disk that cannot be read is said to be so by the repairs.
  if (ctx.isMain) await unfinished.clean().catch(() => {});
  const repairs = new Repairs(ctx, unfinished);
  const recordings = new Recordings(ctx, { template: settings.path, isSynced: settings.sync, unfinished, repairs });
  ctx.defer(() => repairs.run());
  ctx.on("server:start", () => void repairs.run());
  runSink(ctx, {
    name: FLV_RECORD,
    get streams() {
      return settings.streams;
    },
    get minFreeBytes() {
      return minFreeBytes(settings);
    },
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
  if (ctx.isMain) {
    keepTidy(ctx, { name: FLV_RECORD, limits: () => retentionLimits(settings), list: () => listing.list() });
  }
  return { takes: RECORDING_SETTINGS, reload: (next) => () => live.take(next) };
}
