import flvPushScript from "../../web/dist/flv_push.js" with { type: "text" };
import flvPushMain from "../../web/flv_push.html" with { type: "text" };
import pushScript from "../../web/dist/push.js" with { type: "text" };
import pushAacLibrary from "../../web/dist/push_aac_library.js" with { type: "text" };
import pushAudioTap from "../../web/dist/push_audio_tap.js" with { type: "text" };
import pushFileLibrary from "../../web/dist/push_file_library.js" with { type: "text" };
import pushMain from "../../web/push.html" with { type: "text" };
import pushStyle from "../../web/push.css" with { type: "text" };
import pushMergeScript from "../../web/dist/push_merge.js" with { type: "text" };
import pushMergeMain from "../../web/push_merge.html" with { type: "text" };
import pushTranscodeScript from "../../web/dist/push_transcode.js" with { type: "text" };
import pushTranscodeMain from "../../web/push_transcode.html" with { type: "text" };
import type { Page } from "./compose.ts";

/** What the pages that encode have in common. */
const ENCODING = {
  group: "Publish",
  styles: ["index.css", "push.css"],
  libraries: { aac: "push_aac_library.js", tap: "push_audio_tap.js" },
  needs: "wasm-worker",
} as const;

/** The pages for publishing, in the order of the navigation. */
export const pushPages: readonly Page[] = [
  { ...ENCODING, path: "/push.html", title: "Screen and camera", main: pushMain, script: "push.js" },
  {
    path: "/flv_push.html",
    title: "File loop",
    group: "Publish",
    main: flvPushMain,
    styles: ["index.css", "push.css"],
    script: "flv_push.js",
    libraries: { files: "push_file_library.js", tap: "push_audio_tap.js" },
  },
  { ...ENCODING, path: "/push_merge.html", title: "Compositing", main: pushMergeMain, script: "push_merge.js" },
  {
    ...ENCODING,
    path: "/push_transcode.html",
    title: "Multi-bitrate",
    main: pushTranscodeMain,
    script: "push_transcode.js",
  },
];

/** What they load, by name. */
export const pushAssets: Readonly<Record<string, string>> = {
  "flv_push.js": flvPushScript,
  "push.css": pushStyle,
  "push.js": pushScript,
  "push_aac_library.js": pushAacLibrary,
  "push_audio_tap.js": pushAudioTap,
  "push_file_library.js": pushFileLibrary,
  "push_merge.js": pushMergeScript,
  "push_transcode.js": pushTranscodeScript,
};
