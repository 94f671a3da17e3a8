import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { perServer } from "./per_server.ts";

/** A figure that one plugin has and another shows. */
export interface SharedGauge {
  /** In snake case. */
  readonly name: string;
  /** What it says, in words. */
  readonly help: string;
  /** Whether it has a value for each stream, which the settings of the metrics may not want. */
  readonly isPerStream?: boolean;
  /** Its values at the moment. */
  samples(): Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }>;
}

/** The figures of a server that plugins have added in their `setup`; complete when the server has started. */
export const sharedGauges: (ctx: Pick<PluginContext, "feed">) => SharedGauge[] = perServer(() => []);
