/// <reference lib="dom" />
/**
 * The page that puts several sources into one picture and publishes it.
 *
 * `?stream=app/name` fills in the name.
 *
 * @module
 */
import { MergePage } from "./push/merge/merge_page.ts";

new MergePage();
