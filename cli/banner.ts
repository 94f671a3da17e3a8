import type { Config } from "../kernel/config/config.ts";

/** An address that a server answers on. */
export interface BannerAddress {
  /** `http`, or the name of the plugin that listens. */
  readonly name: string;
  readonly url: string;
}

/** The settings that the banner tells of: what runs, what the demo publishes, and whether publishers need a key. */
export type BannerConfig = Pick<Config, "plugins"> & { readonly demo?: unknown; readonly auth?: unknown };

const EXAMPLE_APP = "live";
const EXAMPLE_STREAM = "stream";

/** What a person wants to know of a server that has just started: what listens where, how to publish, what to open. */
export function banner(version: string, addresses: readonly BannerAddress[], config: BannerConfig): string {
  const http = addresses.find(({ name }) => name === "http")?.url;
  const rtmp = addresses.find(({ name }) => name === "rtmp")?.url;
  const width = Math.max(0, ...addresses.map(({ name }) => name.length));
  const query = needsKey(config) ? "?key=YOUR_KEY" : "";
  return [
    `Sluice ${version} is running`,
    ...addresses.map(({ name, url }) => `  ${name.padEnd(width)}  ${url}`),
    ...publishLines(rtmp, http, query),
    ...watchLines(http, config.plugins, demoStream(config) ?? `${EXAMPLE_APP}/${EXAMPLE_STREAM}`),
  ].join("\n");
}

function publishLines(rtmp: string | undefined, http: string | undefined, query: string): string[] {
  const base = rtmp ?? http;
  if (!base) return [];
  const lines = [
    "",
    "Publish",
    `  ffmpeg  -re -i video.mp4 -c copy -f flv "${base}/${EXAMPLE_APP}/${EXAMPLE_STREAM}${query}"`,
  ];
  if (rtmp) lines.push(`  OBS     Server: ${rtmp}/${EXAMPLE_APP}`, `          Stream Key: ${EXAMPLE_STREAM}${query}`);
  return lines;
}

function watchLines(http: string | undefined, plugins: readonly string[], path: string): string[] {
  const pages = [
    { plugin: "pages", at: "index.html" },
    { plugin: "http-flv", at: `${path}.flv` },
    { plugin: "hls", at: `hls/${path}/index.m3u8` },
  ].filter(({ plugin }) => plugins.includes(plugin));
  return http && pages.length > 0 ? ["", "Open", ...pages.map(({ at }) => `  ${http}/${at}`)] : [];
}

function needsKey({ plugins, auth }: BannerConfig): boolean {
  const { publish } = (plugins.includes("auth") ? auth ?? {} : {}) as { publish?: { keys?: Record<string, unknown> } };
  return Object.keys(publish?.keys ?? {}).length > 0;
}

/** What is live already, and so the better thing to open. */
function demoStream({ plugins, demo }: BannerConfig): string | undefined {
  if (!plugins.includes("demo") || typeof demo !== "object" || demo === null || !("stream" in demo)) return undefined;
  return String(demo.stream);
}
