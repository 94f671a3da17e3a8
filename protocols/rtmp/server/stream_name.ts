/** What a connection and a stream name ask for. */
export interface RtmpTarget {
  readonly app: string;
  readonly name: string;
  /** The queries of tcUrl, app and stream name, the later ones first in line. */
  readonly params: URLSearchParams;
}

/** The part of a name before which players of old put the kind of file they expect. */
const FILE_KIND = /^(flv|mp4|mp3|raw|f4v):/i;

/** How Flash's servers name an app's instance when nobody names one. */
const DEFAULT_INSTANCE = "_definst_";

/**
 * Puts together what was said in `connect` (app and tcUrl, either of them with a query) and in `publish` or `play`.
 *
 * Encoders differ in where they cut `live/cam?key=…`: the app may have a slash at its end or more than one part, and
 * each part may have its own query. The first part is the app, the rest is the stream.
 * Names are not checked here.
 */
export function rtmpTarget(connectApp: string, tcUrl: string, streamName: string): RtmpTarget {
  const [appPath, appQuery] = cut(connectApp);
  const [namePath, nameQuery] = cut(streamName.replace(FILE_KIND, ""));
  const [, urlQuery] = cut(tcUrl);
  const [app = "", ...rest] = `${appPath}/${namePath}`.split("/").filter(isNamed);
  return { app, name: rest.join("/"), params: new URLSearchParams([nameQuery, appQuery, urlQuery].join("&")) };
}

function isNamed(part: string): boolean {
  return part !== "" && part !== DEFAULT_INSTANCE;
}

function cut(text: string): [path: string, query: string] {
  const at = text.indexOf("?");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
