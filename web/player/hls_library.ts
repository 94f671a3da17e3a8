import type Module from "hls.js";
import { scriptLibrary } from "../shared/script_library.ts";

/** The library as its script leaves it on the page. */
export type HlsLibrary = typeof Module;

/** A player of the library. */
export type HlsPlayer = Module;

/** Loads hls.js. */
export const loadHls: () => Promise<HlsLibrary> = scriptLibrary("hls", () => {
  return (globalThis as unknown as { Hls: HlsLibrary }).Hls;
});
