import mpegtsScript from "mpegts.js/dist/mpegts.js" with { type: "text" };
import icon from "../../web/icon.svg" with { type: "text" };
import indexScript from "../../web/dist/index.js" with { type: "text" };
import indexMain from "../../web/index.html" with { type: "text" };
import indexStyle from "../../web/index.css" with { type: "text" };
import flvPushScript from "../../web/dist/flv_push.js" with { type: "text" };
import flvPushMain from "../../web/flv_push.html" with { type: "text" };
import pushScript from "../../web/dist/push.js" with { type: "text" };
import pushAacLibrary from "../../web/dist/push_aac_library.js" with { type: "text" };
import pushAudioTap from "../../web/dist/push_audio_tap.js" with { type: "text" };
import pushFileLibrary from "../../web/dist/push_file_library.js" with { type: "text" };
import pushMain from "../../web/push.html" with { type: "text" };
import pushStyle from "../../web/push.css" with { type: "text" };
import shellStyle from "../../web/shell.css" with { type: "text" };
import type { Page } from "./compose.ts";

export { default as embedShell } from "../../web/embed.html" with { type: "text" };
export { default as shell } from "../../web/shell.html" with { type: "text" };

/** The pages, in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    path: "/index.html",
    title: "Live",
    group: "Watch",
    main: indexMain,
    styles: ["index.css"],
    script: "index.js",
    libraries: { mpegts: "mpegts.js" },
    isEmbeddable: true,
  },
  {
    path: "/push.html",
    title: "Screen and camera",
    group: "Publish",
    main: pushMain,
    styles: ["index.css", "push.css"],
    script: "push.js",
    libraries: { aac: "push_aac_library.js", tap: "push_audio_tap.js" },
    needs: "wasm-worker",
  },
  {
    path: "/flv_push.html",
    title: "File loop",
    group: "Publish",
    main: flvPushMain,
    styles: ["index.css", "push.css"],
    script: "flv_push.js",
    libraries: { files: "push_file_library.js", tap: "push_audio_tap.js" },
  },
];

/** What the pages load, by name. */
export const assetTexts: Readonly<Record<string, string>> = {
  "icon.svg": icon,
  "index.css": indexStyle,
  "index.js": indexScript,
  "mpegts.js": mpegtsScript,
  "flv_push.js": flvPushScript,
  "push.css": pushStyle,
  "push.js": pushScript,
  "push_aac_library.js": pushAacLibrary,
  "push_audio_tap.js": pushAudioTap,
  "push_file_library.js": pushFileLibrary,
  "shell.css": shellStyle,
};
