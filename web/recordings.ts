/// <reference lib="dom" />
/**
 * The pages of recordings, MP4 and FLV: the page's main element says which.
 *
 * @module
 */
import { byId } from "./shared/dom.ts";
import { RecordingsPage } from "./recordings/recordings_page.ts";

new RecordingsPage(byId("main", HTMLElement).dataset.kind === "flv" ? "flv" : "mp4");
