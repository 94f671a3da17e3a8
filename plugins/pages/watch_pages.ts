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
import mp4Main from "../../web/mp4.html" with { type: "text" };
import recordingsScript from "../../web/dist/recordings.js" with { type: "text" };
import recordingsStyle from "../../web/recordings.css" with { type: "text" };
import videoMain from "../../web/video.html" with { type: "text" };
import type { Page } from "./compose.ts";

/** The pages for watching, besides the first one, in the order of the navigation. */
export const watchPages: readonly Page[] = [
  {
    path: "/play.html",
    title: "HLS",
    group: "Watch",
    main: playMain,
    styles: ["index.css"],
    script: "play.js",
    libraries: { hls: "hls.js" },
    isEmbeddable: true,
  },
  {
    path: "/play_merge.html",
    title: "fMP4",
    group: "Watch",
    main: mergeMain,
    styles: ["index.css"],
    script: "play_merge.js",
    libraries: {},
  },
  {
    path: "/mp4.html",
    title: "MP4 recordings",
    group: "Recordings",
    main: mp4Main,
    styles: ["index.css", "recordings.css"],
    script: "recordings.js",
    libraries: {},
  },
  {
    path: "/video.html",
    title: "FLV recordings",
    group: "Recordings",
    main: videoMain,
    styles: ["index.css", "recordings.css"],
    script: "recordings.js",
    libraries: { mpegts: "mpegts.js" },
  },
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
