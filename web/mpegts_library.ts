/// <reference lib="dom" />
import type Module from "mpegts.js";

/** The library as its script leaves it on the page. */
export type Mpegts = typeof Module.default;

/** A player of the library. */
export type MpegtsPlayer = ReturnType<Mpegts["createPlayer"]>;

let loading: Promise<Mpegts> | undefined;

/**
 * Loads mpegts.js, once, from where the page's `<meta name="library:mpegts">` says: the page is drawn without waiting
 * for it.
 *
 * Rejects when the script cannot be had; the next call tries again.
 */
export function loadMpegts(): Promise<Mpegts> {
  return loading ??= addScript().catch((error) => {
    loading = undefined;
    throw error;
  });
}

async function addScript(): Promise<Mpegts> {
  const place = document.querySelector<HTMLMetaElement>('meta[name="library:mpegts"]');
  if (!place) throw new ReferenceError("Cannot load mpegts.js: the page does not say where it is");
  const script = document.createElement("script");
  const loaded = new Promise((resolve, reject) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("Could not load mpegts.js")));
  });
  script.src = place.content;
  document.head.append(script);
  await loaded;
  const { mpegts } = globalThis as unknown as { mpegts: Mpegts };
  mpegts.LoggingControl.applyConfig({ enableVerbose: false, enableDebug: false, enableInfo: false });
  return mpegts;
}
