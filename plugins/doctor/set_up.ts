import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { every } from "../../kernel/clock.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { Patient } from "./patient.ts";
import type { DoctorLimits } from "./rules.ts";

/** How often streams are looked at, in milliseconds. */
const ROUND_MS = 5000;

/** Looks at every stream again and again while it lasts. */
export function setUp(ctx: PluginContext, first: DoctorLimits): Reloadable<DoctorLimits> {
  const { now: limits, take } = liveSettings(first);
  const patients = new Map<Stream, Patient>();
  const dismiss = (stream: Stream) => {
    patients.get(stream)?.[Symbol.dispose]();
    patients.delete(stream);
  };
  ctx.on("stream:start", ({ stream }) => void patients.set(stream, new Patient(stream, ctx)));
  ctx.on("stream:track", ({ stream, packet }) => patients.get(stream)?.meet(packet));
  ctx.on("stream:end", ({ stream }) => dismiss(stream));
  ctx.examiner((stream) => patients.get(stream)?.findings ?? []);
  const rounds = every(ctx.clock, ROUND_MS, () => {
    for (const patient of patients.values()) patient.examine(limits);
  });
  ctx.defer(() => {
    rounds[Symbol.dispose]();
    for (const stream of [...patients.keys()]) dismiss(stream);
  });
  return { reload: (next) => () => take(next) };
}
