import hlsScript from "hls.js/dist/hls.light.min.js" with { type: "text" };
import mergeMain from "../../web/play_merge.html" with { type: "text" };
import mergeScript from "../../web/dist/play_merge.js" with { type: "text" };
import playScript from "../../web/dist/play.js" with { type: "text" };
import playMain from "../../web/play.html" with { type: "text" };
import chartScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chartStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import dashboardMain from "../../web/dashboard.html" with { type: "text" };
import dashboardScript from "../../web/dist/dashboard.js" with { type: "text" };
import dashboardStyle from "../../web/dashboard.css" with { type: "text" };
import recordingsMain from "../../web/recordings.html" with { type: "text" };
import recordingsScript from "../../web/dist/recordings.js" with { type: "text" };
import recordingsStyle from "../../web/recordings.css" with { type: "text" };
import type { Page } from "./compose.ts";
import { withParts } from "./parts.ts";

/** What the screen of a page that plays live streams begins with: browsers let only silent pictures begin by themselves. */
export const LIVE_SCREEN: Readonly<Record<string, string>> = { sound: "muted", looking: "Looking for live streams…" };

/** The two pages of recordings differ in what they list. */
function recordingsPage(path: string, kind: "mp4" | "flv", libraries: Page["libraries"]): Page {
  const title = `${kind.toUpperCase()} recordings`;
  return {
    path,
    title,
    group: "Recordings",
    main: withParts(recordingsMain, { kind, title, sound: "", looking: "Looking for recordings…" }),
    styles: ["index.css", "recordings.css"],
    script: "recordings.js",
    libraries,
  };
}

/** The pages for watching, besides the first one, in the order of the navigation. */
export const watchPages: readonly Page[] = [
  {
    path: "/play.html",
    title: "HLS",
    group: "Watch",
    main: withParts(playMain, LIVE_SCREEN),
    styles: ["index.css"],
    script: "play.js",
    libraries: { hls: "hls.js" },
    isEmbeddable: true,
  },
  {
    path: "/play_merge.html",
    title: "fMP4",
    group: "Watch",
    main: withParts(mergeMain, { ...LIVE_SCREEN, looking: "Looking for segments…" }),
    styles: ["index.css"],
    script: "play_merge.js",
    libraries: {},
  },
  recordingsPage("/mp4.html", "mp4", {}),
  recordingsPage("/video.html", "flv", { mpegts: "mpegts.js" }),
];

/** The page for whoever runs the server. */
export const dashboardPage: Page = {
  path: "/dashboard.html",
  title: "Dashboard",
  group: "Dashboard",
  main: dashboardMain,
  styles: ["uplot.css", "index.css", "recordings.css", "dashboard.css"],
  script: "dashboard.js",
  libraries: { charts: "uplot.js" },
};

/** What they load, by name. */
export const watchAssets: Readonly<Record<string, string>> = {
  "dashboard.css": dashboardStyle,
  "dashboard.js": dashboardScript,
  "hls.js": hlsScript,
  "play.js": playScript,
  "play_merge.js": mergeScript,
  "recordings.css": recordingsStyle,
  "recordings.js": recordingsScript,
  "uplot.css": chartStyle,
  "uplot.js": chartScript,
};
