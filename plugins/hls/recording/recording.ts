import type { StreamKey } from "../../../kernel/names.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { minFreeBytes, retentionLimits } from "../../shared/recordings/recording_settings.ts";
import { keepTidy } from "../../shared/recordings/retention.ts";
import { KeptRecordings } from "./kept_recordings.ts";
import { Recorder, type RecorderHost } from "./recorder.ts";
import { Repairs } from "./repairs.ts";
import type { HlsSettings } from "../settings.ts";
import { Unfinished } from "./unfinished.ts";

/**
 * Prepares the recording of segments: what an earlier run of the server, or of the worker, left is completed when it starts,
 * and what need not be kept any more is removed. Gives what makes a stream's recorder; undefined when nothing is to be recorded.
 */
export function openRecording(ctx: PluginContext, settings: HlsSettings): ((key: StreamKey) => Recorder) | undefined {
  const { record } = settings;
  const open = new Set<string>();
  const unfinished = new Unfinished(ctx);
  const repairs = new Repairs(ctx, unfinished, (path) => open.has(path));
  // A server that keeps nothing may share the folder with one that does.
  if (record) ctx.on("server:start", () => repairs.run());
  if (ctx.isMain) tidy(ctx, settings, unfinished);
  if (!record) return undefined;
  const host: RecorderHost = {
    ctx,
    unfinished,
    repairs,
    open,
    get minFreeBytes() {
      return minFreeBytes(settings);
    },
  };
  return (key) => new Recorder(host, key);
}

/** What any isolate of the server is writing has a mark, and stays. */
function tidy(ctx: PluginContext, settings: HlsSettings, unfinished: Unfinished): void {
  const recordings = new KeptRecordings(ctx, () => unfinished.paths());
  keepTidy(ctx, {
    name: "hls",
    limits: () => retentionLimits(settings),
    list: () => recordings.list(),
    removed: (recording) => recordings.removed(recording),
  });
}
