import { DEFAULT_VHOST, type StreamKey } from "../../../kernel/names.ts";
import { expandPath, stampOf } from "../../shared/path_template.ts";

/** The folder of all that HLS writes, below the data folder. */
export const HLS_FOLDER = "hls";

/** The playlist of a session. */
export const INDEX_NAME = "index.m3u8";

/** What leads to the newest session of a stream, under a name that stays the same. */
export const ALIAS_NAME = "record.m3u8";

const SESSION = /^\d{8}_\d{6}(?:-\d+)?$/;

/** Whether a folder's name is that of a session. */
export function isSessionName(name: string): boolean {
  return SESSION.test(name);
}

/** The folders that a session may have, of which the first that is not taken counts: `…/20260102_030405`, `…-2`, `…-3`. */
export function* possibleFolders(key: StreamKey, date: Date): Iterable<string> {
  const { vhost, app, name: stream } = key;
  const path = expandPath(`${HLS_FOLDER}/{vhost}/{app}/{stream}/{date}_{time}`, {
    ...{ vhost, app, stream, date },
    session: stampOf(date),
    seq: 1,
  });
  yield path;
  for (let i = 2;; i++) yield `${path}-${i}`;
}

/** The stream that a session's folder belongs to; undefined when it is none. */
export function streamOf(folder: string): StreamKey | undefined {
  const [top, ...parts] = folder.split("/");
  const session = parts.pop();
  if (top !== HLS_FOLDER || !session || !isSessionName(session) || parts.length < 2 || parts.length > 3) {
    return undefined;
  }
  const [name, app, vhost = DEFAULT_VHOST] = parts.toReversed();
  return { vhost, app, name };
}
