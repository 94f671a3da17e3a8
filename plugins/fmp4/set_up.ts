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
  let healing: Promise<void> | undefined;
  const healed = () => healing ??= heal(ctx, sweeper, finisher);
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
      await healed();
      return await Recorder.open({ ctx, settings: { ...settings }, finisher, sweeper, turns }, stream);
    },
  });
  // Which streams have their home in a worker stands when all plugins are set up.
  if (ctx.isMain) await healed();
  else ctx.on("server:start", healed);
  return { takes: TAKEN, reload: (next) => () => live.take(next) };
}

/** Sees to what an earlier run of the server, or of the worker, left behind of the streams whose home is here; a disk that cannot be read keeps nobody from going live. */
async function heal(ctx: PluginContext, sweeper: Sweeper, finisher: Finisher): Promise<void> {
  try {
    await sweeper.find();
    await recover(ctx, finisher);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    ctx.log.error(`Cannot look for recordings that were not completed: ${why}`, { error });
  }
}

/** Has everything completed that was not when the server ended; of what belongs to no stream the main isolate says so. */
async function recover(ctx: PluginContext, finisher: Finisher): Promise<void> {
  const folders = await findRecordings(ctx.files, join(ctx.dataDir, UNFINISHED_FOLDER));
  for (const folder of folders.sort()) {
    const facts = await readFacts(ctx.files, folder);
    if (facts ? !ctx.isHome(facts.stream) : !ctx.isMain) continue;
    if (facts) {
      const { stream, startedAt } = facts;
      ctx.log.warn(`The recording of ${stream} from ${startedAt} was not completed: completing it now`, { stream });
    }
    finisher.add(folder);
  }
}
