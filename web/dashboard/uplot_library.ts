import type UPlot from "uplot";
import { scriptLibrary } from "../shared/script_library.ts";

/** The library as its script leaves it on the page. */
export type ChartLibrary = typeof UPlot;

/** Loads uPlot. */
export const loadCharts: () => Promise<ChartLibrary> = scriptLibrary("charts", () => {
  return (globalThis as unknown as { uPlot: ChartLibrary }).uPlot;
});
