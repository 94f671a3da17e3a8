/// <reference lib="dom" />
/**
 * The page of fMP4 segments: those of a live stream, or of the session that was live last.
 *
 * @module
 */
import { SegmentsPage } from "./segments/segments_page.ts";

new SegmentsPage();
