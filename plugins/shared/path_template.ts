import { DEFAULT_VHOST } from "../../kernel/names.ts";

/** What a path is made from. */
export interface PathFacts {
  readonly vhost: string;
  readonly app: string;
  readonly stream: string;
  /** When the recording began; written in UTC. */
  readonly date: Date;
  /** The publisher's session. */
  readonly session: string;
  /** Counts the parts of one recording from 1. */
  readonly seq: number;
}

const VARIABLES = ["vhost", "app", "stream", "date", "time", "session", "seq"] as const;

type Variable = (typeof VARIABLES)[number];

const LITERAL = /^[A-Za-z0-9_.-]*$/;

/** Longest name of a file or folder: file systems take 255 bytes, and some are for what is added. */
const MAX_PART = 200;

const UNSAFE = /[^A-Za-z0-9_.-]/g;

/**
 * What is wrong with a template for paths, in words; undefined for a good one.
 *
 * A template is a relative path of letters, digits, `_ . -` and the variables `{vhost} {app} {stream} {date} {time} {session}
 * {seq}`. Two recordings must not meet in one file, so a date and a time or a session have to be in it.
 */
export function templateFault(template: string): string | undefined {
  const parts = template.split("/");
  const literals = parts.map((part) => part.replace(/\{[^{}]*\}/g, ""));
  if (parts.some((part) => part === "") || literals.some((part) => !LITERAL.test(part))) {
    return "it has to be a relative path of letters, digits, _ . - and variables";
  }
  if (parts.some((part) => part.startsWith("."))) return "no part of it may begin with a dot";
  const used = Array.from(template.matchAll(/\{([^{}]*)\}/g), ([, name]) => name);
  const unknown = used.find((name) => !isVariable(name));
  if (unknown !== undefined) return `{${unknown}} is not one of ${VARIABLES.map((name) => `{${name}}`).join(" ")}`;
  for (const needed of ["app", "stream"]) if (!used.includes(needed)) return `it needs {${needed}}`;
  if (!used.includes("session") && !(used.includes("date") && used.includes("time"))) {
    return "it needs {date} and {time}, or {session}";
  }
}

/**
 * Fills in a template. The result is a relative path none of whose parts can lead elsewhere; the default vhost is left out,
 * with its folder.
 *
 * @throws {TypeError} when the template is not a good one
 */
export function expandPath(template: string, facts: PathFacts): string {
  const fault = templateFault(template);
  if (fault) throw new TypeError(`Cannot make a path from "${template}": ${fault}`);
  const values = valuesOf(facts);
  const parts = template.split("/").map((part) => part.replace(/\{(\w+)\}/g, (_, name: Variable) => values[name]));
  return parts.filter((part) => part !== "").map(safePart).join("/");
}

/** A path with the extension that its file has, be it in the template or not. */
export function withExtension(path: string, extension: string): string {
  return path.endsWith(extension) ? path : path + extension;
}

/** A time as the names of recordings have it, `YYYYMMDD_HHMMSS` in UTC. */
export function stampOf(date: Date): string {
  const { date: day, time } = dateParts(date);
  return `${day}_${time}`;
}

function valuesOf({ vhost, app, stream, date, session, seq }: PathFacts): Record<Variable, string> {
  return { vhost: vhost === DEFAULT_VHOST ? "" : vhost, app, stream, session, seq: String(seq), ...dateParts(date) };
}

function dateParts(date: Date): { date: string; time: string } {
  const [day, time] = date.toISOString().split("T");
  return { date: day.replaceAll("-", ""), time: time.slice(0, 8).replaceAll(":", "") };
}

/** A value cannot bring in a separator or a dot in front, and no part is longer than file systems take. */
function safePart(part: string): string {
  return part.replace(UNSAFE, "_").replace(/^\./, "_").slice(0, MAX_PART);
}

function isVariable(name: string): name is Variable {
  return (VARIABLES as readonly string[]).includes(name);
}
