/// <reference lib="dom" />
/**
 * The page of fMP4 segments: those of a live stream, or of the session that was live last.
 *
 * @module
 */
import { MergePage } from "./merge/merge_page.ts";

new MergePage();
