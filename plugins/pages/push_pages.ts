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
import { withParts } from "./parts.ts";

/** What the pages that encode have in common. */
const ENCODING = {
  libraries: { aac: "push_aac_library.js", tap: "push_audio_tap.js" },
  needs: "wasm-worker",
} as const;

/** What the form for the stream's name says where there is one stream. */
const ONE_STREAM = { targetTitle: "Stream", nameLabel: "Name" } as const;

/** The pages for publishing, in the order of the navigation. */
export const pushPages: readonly Page[] = [
  page("/push.html", "Screen and camera", {
    ...ENCODING,
    script: "push.js",
    main: pushMain,
    words: {
      ...ONE_STREAM,
      name: "live/cam",
      noticeTitle: "Publish from this browser",
      noticeDetail: "Choose what to show, look at it first, then go live.",
      noPicture: '<label><input type="radio" name="picture" value="none"><span>Sound only</span></label>',
    },
  }),
  page("/flv_push.html", "File loop", {
    script: "flv_push.js",
    main: flvPushMain,
    libraries: { files: "push_file_library.js", tap: "push_audio_tap.js" },
    words: { ...ONE_STREAM, name: "live/film" },
  }),
  page("/push_merge.html", "Compositing", {
    ...ENCODING,
    script: "push_merge.js",
    main: pushMergeMain,
    words: { ...ONE_STREAM, name: "live/show" },
  }),
  page("/push_transcode.html", "Multi-bitrate", {
    ...ENCODING,
    script: "push_transcode.js",
    main: pushTranscodeMain,
    words: {
      targetTitle: "Streams",
      nameLabel: "Common name",
      name: "live/cam",
      noticeTitle: "One source, several sizes",
      noticeDetail: "Viewers on a weak network get a smaller picture instead of a frozen one.",
      noPicture: "",
    },
  }),
];

/** A page for publishing; `words` are what the parts say that all of them have. */
function page(
  path: string,
  title: string,
  { main, words, ...rest }:
    & Pick<Page, "main" | "script" | "libraries" | "needs">
    & { readonly words: Readonly<Record<string, string>> },
): Page {
  return {
    ...rest,
    path,
    title,
    group: "Publish",
    main: withParts(main, { title, ...words }),
    styles: ["index.css", "push.css"],
  };
}

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
