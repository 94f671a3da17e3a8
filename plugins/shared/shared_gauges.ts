import type { EventFeed } from "../../kernel/event_feed.ts";
import type { PluginContext } from "../../kernel/plugin.ts";

/** A figure that one plugin has and another shows. */
export interface SharedGauge {
  /** In snake case. */
  readonly name: string;
  /** What it says, in words. */
  readonly help: string;
  /** Its values at the moment. */
  samples(): Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }>;
}

const known = new WeakMap<EventFeed, SharedGauge[]>();

/** The figures of a server that plugins have added in their `setup`; complete when the server has started. */
export function sharedGauges({ feed }: Pick<PluginContext, "feed">): SharedGauge[] {
  let gauges = known.get(feed);
  if (!gauges) known.set(feed, gauges = []);
  return gauges;
}
