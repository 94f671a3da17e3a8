import { join } from "@std/path";
import type { PluginContext, Reloadable } from "../../kernel/plugin.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { minFreeBytes, RECORDING_SETTINGS, retentionLimits } from "../shared/recording_settings.ts";
import { keepTidy } from "../shared/retention.ts";
import { runSink } from "../shared/sink_runner.ts";
import { Catalogue } from "./catalogue.ts";
import { Finisher } from "./finisher.ts";
import { UNFINISHED_FOLDER } from "./places.ts";
import { Recorder } from "./recorder.ts";
import { findRecordings, readFacts } from "./recording_folder.ts";
import type { Fmp4Settings } from "./settings.ts";
import { dropRest, followRemovals } from "./removals.ts";
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
  const catalogue = new Catalogue(ctx.files, ctx.dataDir);
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
  keepTidy(ctx, {
    name,
    limits: () => retentionLimits(settings),
    list: () => catalogue.list(),
    removed: (recording) => dropRest(ctx, turns, recording),
  });
  followRemovals(ctx, catalogue, turns, name);
  runSink(ctx, {
    name,
    get streams() {
      return settings.streams;
    },
    get minFreeBytes() {
      return minFreeBytes(settings);
    },
    open: (stream) => Recorder.open({ ctx, settings: { ...settings }, finisher, sweeper, turns }, stream),
  });
  await heal(ctx, sweeper, finisher);
  return { takes: TAKEN, reload: (next) => () => live.take(next) };
}

/** Sees to what an earlier run of the server left behind; a disk that cannot be read keeps nobody from going live. */
async function heal(ctx: PluginContext, sweeper: Sweeper, finisher: Finisher): Promise<void> {
  try {
    await sweeper.find();
    await recover(ctx, finisher);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    ctx.log.error(`Cannot look for recordings that were not completed: ${why}`, { error });
  }
}

/** Has everything completed that was not when the server ended. */
async function recover(ctx: PluginContext, finisher: Finisher): Promise<void> {
  const folders = await findRecordings(ctx.files, join(ctx.dataDir, UNFINISHED_FOLDER));
  for (const folder of folders.sort()) {
    const facts = await readFacts(ctx.files, folder);
    if (facts) {
      const { stream, startedAt } = facts;
      ctx.log.warn(`The recording of ${stream} from ${startedAt} was not completed: completing it now`, { stream });
    }
    finisher.add(folder);
  }
}
