/// <reference lib="dom" />
/**
 * The page that publishes one source in several sizes at once.
 *
 * `?stream=app/name` fills in the name.
 *
 * @module
 */
import { TranscodePage } from "./push/transcode/transcode_page.ts";

new TranscodePage();
