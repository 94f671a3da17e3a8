import type Module from "mpegts.js";
import { scriptLibrary } from "../shared/script_library.ts";

/** The library as its script leaves it on the page. */
export type Mpegts = typeof Module.default;

/** A player of the library. */
export type MpegtsPlayer = ReturnType<Mpegts["createPlayer"]>;

/** Loads mpegts.js. */
export const loadMpegts: () => Promise<Mpegts> = scriptLibrary("mpegts", () => {
  const { mpegts } = globalThis as unknown as { mpegts: Mpegts };
  mpegts.LoggingControl.applyConfig({ enableVerbose: false, enableDebug: false, enableInfo: false });
  return mpegts;
});
