import { join } from "@std/path";
import { DEFAULT_VHOST, streamId, type StreamKey } from "../../kernel/names.ts";

/** Where a stream's files lie, all below the data folder. */
export interface StreamPlaces {
  /** Merged segments and the newest complete file. */
  readonly merge: string;
  /** Segments of video and audio by themselves. */
  readonly separate: string;
  /** What is not complete yet. */
  readonly unfinished: string;
  /** What is known of complete files. */
  readonly complete: string;
}

/** The folder of everything that can be had at an address. */
export const LIVE_FOLDER = "mp4";

/** The folder of what the plugin has for itself. */
const OWN_FOLDER = ".fmp4";

/** The folder of merged segments among those of a stream. */
export const MERGE_FOLDER = "output_merge";

/** The folder of separate segments among those of a stream. */
export const SEPARATE_FOLDER = "output_separate";

/** Where recordings are until they are complete. */
export const UNFINISHED_FOLDER: string = join(OWN_FOLDER, "unfinished");

/** Where it is written down what complete recordings there are. */
export const COMPLETE_FOLDER: string = join(OWN_FOLDER, "complete");

/** Where the files of a stream lie; names of streams and vhosts are safe as names of folders. */
export function placesOf({ vhost, app, name }: StreamKey): StreamPlaces {
  const live = vhost === DEFAULT_VHOST
    ? join(LIVE_FOLDER, app, name)
    : join(LIVE_FOLDER, vhostFolder(vhost), app, name);
  const own = join(vhostFolder(vhost), app, name);
  return {
    merge: join(live, MERGE_FOLDER),
    separate: join(live, SEPARATE_FOLDER),
    unfinished: join(UNFINISHED_FOLDER, own),
    complete: join(COMPLETE_FOLDER, own),
  };
}

/**
 * Whose folders of live segments lie in a folder below the data folder, by its path; undefined where that does not say it, since
 * a vhost may have another name as a folder.
 */
export function streamOfFolder(folder: string): string | undefined {
  const [, ...parts] = folder.split(/[\\/]/);
  const [name, app, vhost = DEFAULT_VHOST] = parts.toReversed();
  const isAsItIs = parts.length === 2 || (!vhost.startsWith("_") && vhost.length < MAX_VHOST_FOLDER);
  return isAsItIs ? streamId(vhost, app, name) : undefined;
}

/** Longer vhosts are cut to be the name of a folder. */
const MAX_VHOST_FOLDER = 200;

/** A vhost may begin with a dot, and one of dots alone would lead elsewhere. */
function vhostFolder(vhost: string): string {
  return vhost.replace(/^\./, "_").slice(0, MAX_VHOST_FOLDER);
}
