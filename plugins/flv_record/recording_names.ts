import { DEFAULT_VHOST, type StreamKey } from "../../kernel/names.ts";

/** The plugin's name, by which events say who wrote. */
export const FLV_RECORD = "flv-record";

/** Where recordings go unless the settings say otherwise: to the place that their address names. */
export const DEFAULT_TEMPLATE = "flv/{vhost}/{app}/{stream}/{date}_{time}.flv";

/** The newest recording of a stream, under a name that stays the same. */
const NEWEST_NAME = "index.flv";

const EXTENSION = ".flv";

/** What may stand for each variable of a template. */
const VALUES: Readonly<Record<string, string>> = {
  vhost: "[A-Za-z0-9_.-]+",
  app: "[A-Za-z0-9_-]+?",
  stream: "[A-Za-z0-9_-]+?",
  date: "\\d{8}",
  time: "\\d{6}",
  session: "[A-Za-z0-9]+",
  seq: "\\d+",
};

/** Where the newest recording of a stream can be had, below the data folder. */
export function newestPath({ vhost, app, name }: StreamKey): string {
  const folder = vhost === DEFAULT_VHOST ? "flv" : `flv/${vhost.replace(/^\./, "_")}`;
  return `${folder}/${app}/${name}/${NEWEST_NAME}`;
}

/** The names that a recording may have, of which the first that is not taken counts: `x.flv`, `x-2.flv`, `x-3.flv` … */
export function* possibleNames(path: string): Generator<string, never> {
  const stem = withoutExtension(path);
  yield stem + EXTENSION;
  for (let i = 2;; i++) yield `${stem}-${i}${EXTENSION}`;
}

/** The folder that holds whatever a template names, below the data folder. */
export function commonFolder(template: string): string {
  const parts = template.split("/").slice(0, -1);
  const variable = parts.findIndex((part) => part.includes("{"));
  return parts.slice(0, variable < 0 ? parts.length : variable).join("/");
}

/** Tells the recordings that a template names from all other files: gives whose a path is, undefined for what is none. */
export function recordingMatcher(template: string): (path: string) => StreamKey | undefined {
  const pattern = new RegExp(`^${patternOf(withoutExtension(template))}(?:-\\d+)?\\${EXTENSION}$`);
  return (path) => {
    const { vhost, app, stream } = pattern.exec(path)?.groups ?? {};
    return app && stream ? { vhost: vhost || DEFAULT_VHOST, app, name: stream } : undefined;
  };
}

/** A part that is the vhost alone is left out for the default one, with its folder; otherwise it is merely empty. */
function patternOf(template: string): string {
  const used = new Set<string>();
  const parts = template.split("/").map((part) => {
    const pattern = part.split(/(\{\w+\})/).map((text) => textPattern(text, used)).join("");
    return part === "{vhost}" ? `(?:${pattern}/)?` : `${pattern}/`;
  });
  return parts.join("").replace(/\/$/, "");
}

function textPattern(text: string, used: Set<string>): string {
  const name = /^\{(\w+)\}$/.exec(text)?.[1];
  if (!name) return text.replaceAll(".", "\\.");
  if (used.has(name)) return `\\k<${name}>`;
  used.add(name);
  return name === "vhost" ? `(?<vhost>${VALUES.vhost}|)` : `(?<${name}>${VALUES[name]})`;
}

function withoutExtension(path: string): string {
  return path.endsWith(EXTENSION) ? path.slice(0, -EXTENSION.length) : path;
}
