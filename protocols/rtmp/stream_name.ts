/** What a connection and a stream name ask for. */
export interface RtmpTarget {
  readonly app: string;
  readonly name: string;
  /** The queries of tcUrl, app and stream name, the later ones first in line. */
  readonly params: URLSearchParams;
}

/** The part of a name before which players of old put the kind of file they expect. */
const FILE_KIND = /^(flv|mp4|mp3|raw|f4v):/i;

/**
 * Puts together what was said in `connect` (app and tcUrl, either of them with a query) and in `publish` or `play`.
 *
 * Encoders differ in where they cut `live/cam?key=…`: the app may have a slash at its end or more than one part, and
 * each part may have its own query. The first part is the app, the rest is the stream.
 */
export function rtmpTarget(connectApp: string, tcUrl: string, streamName: string): RtmpTarget {
  const [appPath, appQuery] = cut(connectApp);
  const [namePath, nameQuery] = cut(streamName.replace(FILE_KIND, ""));
  const [, urlQuery] = cut(tcUrl);
  const [app = "", ...rest] = `${appPath}/${namePath}`.split("/").filter((part) => part !== "");
  return { app, name: rest.join("/"), params: new URLSearchParams([nameQuery, appQuery, urlQuery].join("&")) };
}

/** The query that came with `connect` alone. */
export function connectParams(connectApp: string, tcUrl: string): URLSearchParams {
  return rtmpTarget(connectApp, tcUrl, "").params;
}

function cut(text: string): [path: string, query: string] {
  const at = text.indexOf("?");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
