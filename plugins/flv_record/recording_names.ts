import { DEFAULT_VHOST, streamId, type StreamKey } from "../../kernel/names.ts";

/** The plugin's name, by which events say who wrote. */
export const FLV_RECORD = "flv-record";

/** The folder of all FLV recordings, below the data folder. */
export const FLV_FOLDER = "flv";

/** The newest recording of a stream, under a name that stays the same. */
export const NEWEST_NAME = "index.flv";

/** What may stand for each variable of a template. */
const VALUES: Readonly<Record<string, string>> = {
  vhost: "[A-Za-z0-9_.-]+",
  app: "[A-Za-z0-9_-]+",
  stream: "[A-Za-z0-9_-]+",
  date: "\\d{8}",
  time: "\\d{6}",
  session: "[A-Za-z0-9_.-]+",
  seq: "\\d+",
};

/** The folder of a stream, below the data folder: where its address is too. */
export function streamFolder({ vhost, app, name }: StreamKey): string {
  const folder = vhost === DEFAULT_VHOST ? FLV_FOLDER : `${FLV_FOLDER}/${vhost.replace(/^\./, "_")}`;
  return `${folder}/${app}/${name}`;
}

/** The names that a recording may have, the first that is not taken counts: `x.flv`, `x-2.flv`, `x-3.flv` … */
export function* possibleNames(path: string): Iterable<string> {
  yield `${FLV_FOLDER}/${path}.flv`;
  for (let i = 2;; i++) yield `${FLV_FOLDER}/${path}-${i}.flv`;
}

/** Tells the recordings that a template names from all other files: gives whose a path is, undefined for what is none. */
export function recordingMatcher(template: string): (path: string) => StreamKey | undefined {
  const pattern = new RegExp(`^${FLV_FOLDER}/${patternOf(template)}(?:-\\d+)?\\.flv$`);
  return (path) => {
    const { vhost, app, stream } = pattern.exec(path)?.groups ?? {};
    return app && stream ? { vhost: vhost || DEFAULT_VHOST, app, name: stream } : undefined;
  };
}

/** A part that is the vhost alone is left out for the default one, with its folder; otherwise it is merely empty. */
function patternOf(template: string): string {
  const used = new Set<string>();
  const parts = template.split("/").map((part, i, all) => {
    const value = part.split(/(\{\w+\})/).map((text) => textPattern(text, used)).join("");
    if (part === "{vhost}") return i === all.length - 1 ? value : `(?:${value}/)?`;
    return i === all.length - 1 ? value : `${value}/`;
  });
  return parts.join("");
}

function textPattern(text: string, used: Set<string>): string {
  const name = /^\{(\w+)\}$/.exec(text)?.[1];
  if (!name) return text.replaceAll(".", "\\.");
  if (used.has(name)) return `\\k<${name}>`;
  used.add(name);
  return name === "vhost" ? `(?<vhost>${VALUES.vhost}|)` : `(?<${name}>${VALUES[name]})`;
}

/** The stream's id, as logs and events have it. */
export function idOf({ vhost, app, name }: StreamKey): string {
  return streamId(vhost, app, name);
}
