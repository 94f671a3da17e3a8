import type { Config } from "./config/config.ts";
import type { RingLimits } from "./fanout/byte_ring.ts";
import { levelsOf, LogThresholds } from "./log/log.ts";
import { StreamRules } from "./streams/stream_rules.ts";

/** The settings of a running server, and what the kernel works with instead of them. */
export class SettingsInForce {
  /** From which level on log records are written. */
  readonly levels: LogThresholds = new LogThresholds();
  #config: Config;
  #rules: StreamRules;

  constructor(config: Config) {
    this.#config = config;
    this.#rules = StreamRules.from(config);
    this.levels.set(levelsOf(config.log));
  }

  /** All of them. */
  get config(): Config {
    return this.#config;
  }

  /** What counts for which stream. */
  get rules(): StreamRules {
    return this.#rules;
  }

  /** How much of a stream that begins now is kept. */
  get ring(): RingLimits {
    const { bytes, seconds } = this.#config.buffer;
    return { bytes, ms: seconds * 1000 };
  }

  /** Takes others. */
  take(next: Config): void {
    this.#config = next;
    this.#rules = StreamRules.from(next);
    this.levels.set(levelsOf(next.log));
  }
}
