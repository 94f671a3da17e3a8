import type { Load } from "./run.ts";

/** A load that Sluice makes promises about; the protocols are filled in by who runs it. */
export interface Scenario {
  readonly what: string;
  /** Run one after the other, each for every protocol. */
  readonly loads: readonly Partial<Load>[];
}

/** Seconds until the server keeps as much of each stream as it ever will. */
const FULL_BUFFER = 12;

const STALL = { players: 500, kbps: 1000, seconds: 30 };

/** The presets of `--scenario`, by number. */
export const SCENARIOS: Readonly<Record<number, Scenario>> = {
  1: { what: "500 players of 1 Mbit/s", loads: [{ players: 500, kbps: 1000 }] },
  2: { what: "8,000 players of 200 kbit/s", loads: [{ players: 8000, kbps: 200, ramp: 800, warmup: 5 }] },
  3: {
    what: "19,000 players of 140 kbit/s, held for a minute",
    loads: [{ players: 19_000, kbps: 140, ramp: 800, warmup: 5, seconds: 60 }],
  },
  4: {
    what: "500 players connect each second",
    loads: [{ players: 2000, kbps: 200, ramp: 500, warmup: 0, seconds: 2 }],
  },
  5: { what: "100 publishers of 1 Mbit/s", loads: [{ players: 0, publishers: 100, kbps: 1000, warmup: FULL_BUFFER }] },
  6: { what: "500 players of 1 Mbit/s without and with one that stalls", loads: [STALL, { ...STALL, stalled: 1 }] },
};
