/// <reference lib="dom" />
import { make, showText } from "../shared/dom.ts";
import { bitrateText, bytesText } from "../shared/units.ts";
import type { Figures } from "./figures.ts";
import { Series } from "./series.ts";
import { Sparkline } from "./sparkline.ts";

/** How one figure is found and written. */
interface TileKind {
  readonly label: string;
  value(figures: Figures): number | null;
  text(value: number): string;
}

const KINDS: readonly TileKind[] = [
  { label: "Received", value: ({ received }) => received, text: bitrateText },
  { label: "Sent", value: ({ sent }) => sent, text: bitrateText },
  { label: "Viewers", value: ({ server }) => server.viewers, text: String },
  { label: "Answer time", value: ({ answer }) => answer, text: millisecondsText },
  { label: "Loop lag", value: ({ server }) => server.loopLagSeconds, text: millisecondsText },
  { label: "CPU, of one core", value: ({ cpu }) => cpu, text: (value) => `${(value * 100).toFixed(1)} %` },
  { label: "Memory", value: ({ server }) => server.memory.rss, text: bytesText },
  { label: "Disk, free", value: ({ server }) => server.disk.freeBytes ?? null, text: bytesText },
];

/** The server's figures, each with a chart of the last five minutes. */
export class Tiles {
  readonly #tiles: readonly {
    readonly kind: TileKind;
    readonly value: HTMLElement;
    readonly series: Series;
    readonly spark: Sparkline;
  }[];

  constructor(list: HTMLElement) {
    this.#tiles = KINDS.map((kind) => {
      const series = new Series();
      const spark = new Sparkline(series);
      const value = make("dd", { textContent: "–" });
      list.append(make("div", { className: "tile" }, make("dt", { textContent: kind.label }), value, spark.element));
      return { kind, value, series, spark };
    });
  }

  show(figures: Figures): void {
    const time = Date.now() / 1000;
    for (const { kind, value, series, spark } of this.#tiles) {
      const newest = kind.value(figures);
      series.add(time, newest);
      showText(value, newest === null ? "–" : kind.text(newest));
      spark.update();
    }
  }
}

function millisecondsText(seconds: number): string {
  return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}
