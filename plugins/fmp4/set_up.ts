import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { minFreeBytes, RECORDING_SETTINGS, retentionLimits } from "../shared/recordings/recording_settings.ts";
import { keepTidy } from "../shared/recordings/retention.ts";
import { runSink } from "../shared/sink_runner.ts";
import { Catalogue } from "./catalogue.ts";
import { Finisher } from "./finisher.ts";
import { Leftovers } from "./leftovers.ts";
import { Recorder } from "./recorder.ts";
import type { Fmp4Settings } from "./settings.ts";
import { followRemovals } from "./removals.ts";
import { Sweeper } from "./sweeper.ts";
import { Turns } from "./turns.ts";

/** The settings that count for what is recorded later when they change while the server runs. */
const TAKEN: readonly (keyof Fmp4Settings)[] = [
  ...RECORDING_SETTINGS,
  "variants",
  "segmentSeconds",
  "fragmentSeconds",
  "sync",
  "windowSeconds",
];

/** Begins to write and to complete recordings, also those that an earlier run left. */
export async function setUp(ctx: PluginContext, first: Fmp4Settings): Promise<Reloadable<Fmp4Settings>> {
  const live = liveSettings(first);
  const settings = live.now;
  await ctx.claimDataDir();
  const name = "fmp4";
  const turns = new Turns();
  const catalogue = new Catalogue(ctx.files, ctx.dataDir, ctx.clock);
  const finisher = new Finisher({
    ctx,
    catalogue,
    turns,
    get minFreeBytes() {
      return minFreeBytes(settings);
    },
  });
  // Undone in the opposite order: what the sink still hands over is completed before the server has stopped.
  ctx.defer(() => finisher.close());
  const sweeper = new Sweeper(ctx, turns, settings.keepSegmentsSeconds);
  if (ctx.isMain) {
    keepTidy(ctx, { name, limits: () => retentionLimits(settings), list: () => catalogue.list() });
  }
  const leftovers = new Leftovers(ctx);
  const heal = () => leftovers.heal(sweeper, finisher);
  followRemovals(ctx, catalogue, turns, name);
  runSink(ctx, {
    name,
    get streams() {
      return settings.streams;
    },
    get minFreeBytes() {
      return minFreeBytes(settings);
    },
    async open(stream) {
      await leftovers.find();
      return await Recorder.open({ ctx, settings: { ...settings }, finisher, sweeper, turns }, stream);
    },
  });
  // Which streams have their home in a worker stands when all plugins are set up.
  if (ctx.isMain) await heal();
  else ctx.on("server:start", heal);
  return { takes: TAKEN, reload: (next) => () => live.take(next) };
}
