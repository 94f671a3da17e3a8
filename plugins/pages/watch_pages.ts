import hlsScript from "hls.js/dist/hls.light.min.js" with { type: "text" };
import playScript from "../../web/dist/play.js" with { type: "text" };
import playMain from "../../web/play.html" with { type: "text" };
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
];

/** What they load, by name. */
export const watchAssets: Readonly<Record<string, string>> = {
  "hls.js": hlsScript,
  "play.js": playScript,
};
