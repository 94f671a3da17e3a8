/// <reference lib="dom" />
/**
 * The page that publishes a local file at its own pace.
 *
 * `?stream=app/name` fills in the name.
 *
 * @module
 */
import { FilePage } from "./push/file/file_page.ts";

new FilePage();
