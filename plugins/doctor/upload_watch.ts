import type { MediaPacket } from "../../media/packet.ts";

/** The length of a window over which packets are compared with the clock, in milliseconds. */
const WINDOW_MS = 10_000;

/** Windows that are looked back upon to tell a drifting clock: some minutes. */
const WINDOWS = 18;

/** How an upload behaves against the clock of the server. */
export interface UploadReport {
  /** How much later than the most punctual one packets came in the last window, in milliseconds. */
  readonly jitterMs?: number;
  /** How much faster (positive) or slower than the server's the encoder's clock runs, in parts of a million. */
  readonly driftPpm?: number;
}

interface Window {
  readonly start: number;
  /** The least and the most that a packet's arrival was behind its own time, in milliseconds. */
  least: number;
  most: number;
}

/**
 * Watches when packets come against what their times say.
 *
 * The most punctual packets of a window tell how the encoder's clock and the path stand: over minutes, how the two clocks run
 * against each other. The latest ones tell how unsteady the path is.
 */
export class UploadWatch {
  #windows: Window[] = [];

  /** Takes a frame that came at `nowMs`. */
  observe({ dts, discontinuity }: MediaPacket, nowMs: number): void {
    if (discontinuity) this.#windows = [];
    const behind = nowMs - dts / 1000;
    const current = this.#windows.at(-1);
    if (current && nowMs - current.start < WINDOW_MS) {
      current.least = Math.min(current.least, behind);
      current.most = Math.max(current.most, behind);
      return;
    }
    this.#windows.push({ start: nowMs, least: behind, most: behind });
    if (this.#windows.length > WINDOWS + 1) this.#windows.shift();
  }

  /** What the windows that are over tell; nothing while there are none. */
  report(): UploadReport {
    const over = this.#windows.slice(0, -1);
    const newest = over.at(-1);
    if (!newest) return {};
    return { jitterMs: newest.most - newest.least, driftPpm: drift(over) };
  }
}

/** The slope of the least delays: the best straight line through them (least squares); undefined for too few. */
function drift(windows: readonly Window[]): number | undefined {
  if (windows.length < WINDOWS) return undefined;
  const mean = (valueOf: (window: Window) => number) =>
    windows.reduce((sum, each) => sum + valueOf(each), 0) / windows.length;
  const [x, y] = [mean(({ start }) => start), mean(({ least }) => least)];
  const above = windows.reduce((sum, { start, least }) => sum + (start - x) * (least - y), 0);
  const below = windows.reduce((sum, { start }) => sum + (start - x) ** 2, 0);
  return -above / below * 1e6;
}
