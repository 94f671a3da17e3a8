import mpegtsScript from "mpegts.js/dist/mpegts.js" with { type: "text" };
import icon from "../../web/icon.svg" with { type: "text" };
import indexScript from "../../web/dist/index.js" with { type: "text" };
import indexMain from "../../web/index.html" with { type: "text" };
import indexStyle from "../../web/index.css" with { type: "text" };
import shellStyle from "../../web/shell.css" with { type: "text" };
import type { Page } from "./compose.ts";
import { withParts } from "./parts.ts";
import { pushAssets, pushPages } from "./push_pages.ts";
import { dashboardPage, LIVE_SCREEN, watchAssets, watchPages } from "./watch_pages.ts";

export { default as embedShell } from "../../web/embed.html" with { type: "text" };
export { default as shell } from "../../web/shell.html" with { type: "text" };

/** The pages, in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    path: "/index.html",
    title: "Live",
    group: "Watch",
    main: withParts(indexMain, LIVE_SCREEN),
    styles: ["index.css"],
    script: "index.js",
    libraries: { mpegts: "mpegts.js" },
    isEmbeddable: true,
  },
  ...watchPages,
  ...pushPages,
  dashboardPage,
];

/** What the pages load, by name. */
export const assetTexts: Readonly<Record<string, string>> = {
  "icon.svg": icon,
  "index.css": indexStyle,
  "index.js": indexScript,
  "mpegts.js": mpegtsScript,
  ...watchAssets,
  ...pushAssets,
  "shell.css": shellStyle,
};
