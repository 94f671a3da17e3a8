/// <reference lib="dom" />
import { make } from "../shared/dom.ts";
import { type ChartLibrary, loadCharts } from "./uplot_library.ts";
import type { Series } from "./series.ts";

/** How tall a small chart is, in pixels. */
const HEIGHT = 44;

/** A small chart of a series: the shape alone, for the value stands beside it. */
export class Sparkline {
  readonly element = make("div", { className: "spark" });
  readonly #series: Series;
  #chart?: InstanceType<ChartLibrary>;

  constructor(series: Series) {
    this.#series = series;
    this.element.setAttribute("aria-hidden", "true");
    loadCharts().then((library) => this.#draw(library), () => {});
  }

  /** Shows what the series has now. */
  update(): void {
    this.#chart?.setData([this.#series.times, this.#series.values]);
  }

  #draw(library: ChartLibrary): void {
    // A canvas does not know custom properties; these have been resolved for the theme of the moment.
    const style = getComputedStyle(this.element);
    this.#chart = new library(
      {
        width: this.element.clientWidth || 160,
        height: HEIGHT,
        padding: [4, 0, 2, 0],
        cursor: { show: false },
        legend: { show: false },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        axes: [{ show: false }, { show: false }],
        scales: { y: { range: (_, __, most) => [0, Math.max(most ?? 0, Number.EPSILON)] } },
        series: [{}, {
          stroke: () => style.color,
          fill: () => style.outlineColor,
          width: 1.5,
          points: { show: false },
        }],
      },
      [this.#series.times, this.#series.values],
      this.element,
    );
    new ResizeObserver(() => {
      const width = this.element.clientWidth;
      if (width > 0 && width !== this.#chart?.width) this.#chart?.setSize({ width, height: HEIGHT });
    }).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#chart?.redraw());
  }
}
