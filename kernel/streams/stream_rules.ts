import type { StreamKey } from "../names.ts";
import type { RepublishPolicy } from "./republish.ts";
import { type StreamMatcher, streamMatcher } from "./stream_pattern.ts";

/** What counts for a stream and can be set for some streams otherwise. */
export interface StreamRule {
  readonly republish: RepublishPolicy;
  readonly graceSeconds: number;
  readonly waitSeconds: number;
  readonly keepSeconds: number;
  readonly publishTimeoutSeconds: number;
  /** Most players at once; 0 for no limit. */
  readonly viewers: number;
  /** Most kilobits per second of its publisher; 0 for no limit. */
  readonly publishKbps: number;
}

/** Rules by pattern of streams, in order: where several fit, of each setting the last one's counts. */
export type StreamRuleTable = Readonly<Record<string, Partial<StreamRule>>>;

/** What is set for all streams, and for some. */
export interface RuleSettings extends Omit<StreamRule, "viewers" | "publishKbps"> {
  readonly limits: { readonly viewersPerStream: number; readonly publishKbps: number };
  readonly streams: StreamRuleTable;
}

/** What counts for each stream: what counts for all, and over it what is set for some. */
export class StreamRules {
  readonly #all: StreamRule;
  readonly #rules: readonly { readonly fits: StreamMatcher; readonly rule: Partial<StreamRule> }[];

  /** @throws {TypeError} when a pattern is none */
  constructor(all: StreamRule, table: StreamRuleTable) {
    this.#all = all;
    this.#rules = Object.entries(table).map(([pattern, rule]) => ({ fits: streamMatcher([pattern]), rule }));
  }

  /** The rules that settings name. */
  static from({ limits, streams, ...config }: RuleSettings): StreamRules {
    const { republish, graceSeconds, waitSeconds, keepSeconds, publishTimeoutSeconds } = config;
    const { viewersPerStream: viewers, publishKbps } = limits;
    const times = { graceSeconds, waitSeconds, keepSeconds, publishTimeoutSeconds };
    return new StreamRules({ republish, ...times, viewers, publishKbps }, streams);
  }

  /** What counts for a stream. */
  of(key: StreamKey): StreamRule {
    const fitting = this.#rules.filter(({ fits }) => fits(key));
    return fitting.length === 0 ? this.#all : Object.assign({}, this.#all, ...fitting.map(({ rule }) => rule));
  }
}
