import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { branches, isRecord, type JsonSchema, knownKeys } from "./json_schema.ts";
import { maskText } from "../log/mask.ts";
import { quoted } from "../names.ts";

/** Where something stands in a configuration: keys and, in lists, indexes. */
export type Path = readonly (string | number)[];

/** More suggestions than this are a list of everything, and help nobody. */
const MAX_SUGGESTIONS = 3;

/** A path as people write it: `http.ports[1]`. */
export function pathText(path: Path): string {
  return path.map((key, at) => typeof key === "number" ? `[${key}]` : at > 0 ? `.${key}` : key).join("");
}

/** What was found, in words that fit one line: short texts and numbers as they are, the rest by its kind. */
export function foundText(value: unknown): string {
  if (typeof value === "string") return quoted(maskText(value));
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** What a schema allows, in words that follow "must be"; undefined when it allows anything. */
export function allowedText(schema: JsonSchema): string | undefined {
  if (schema.allowed) return schema.allowed;
  const parts = branches(schema);
  if (parts.length > 1) return joined(parts.flatMap((part) => allowedText(part) ?? []), "or");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return joined(schema.enum.map((value) => JSON.stringify(value)), "or");
  if (Array.isArray(schema.type)) {
    return joined(schema.type.flatMap((type) => allowedText({ ...schema, type }) ?? []), "or");
  }
  return allowedOfType(schema);
}

function allowedOfType(schema: JsonSchema): string | undefined {
  switch (schema.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${rangeText(schema)}`;
    case "number":
      return `a number${rangeText(schema)}`;
    case "string":
      return stringText(schema);
    case "null":
      return "null";
    case "array":
      return listText(schema);
    case "object":
      return objectText(schema);
  }
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const least = bound(minimum);
  const most = bound(maximum);
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const limits = [
    least !== undefined && `of at least ${least}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    most !== undefined && `of at most ${most}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ].filter((limit) => limit !== false);
  return limits.length > 0 ? ` ${joined(limits, "and")}` : "";
}

/** zod bounds every whole number by what a double holds exactly; that is no limit worth naming. */
function bound(limit: number | undefined): number | undefined {
  return limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined;
}

function stringText({ format, pattern, minLength, maxLength }: JsonSchema): string {
  if (format === "uri") return "a URL";
  if (format) return `text in the form of ${format}`;
  if (pattern) return `text that matches /${pattern}/`;
  if (maxLength !== undefined) return `text of ${minLength ?? 0} to ${maxLength} characters`;
  if (!minLength) return "text";
  return minLength === 1 ? "text that is not empty" : `text of at least ${minLength} characters`;
}

function listText({ items, minItems }: JsonSchema): string {
  const each = items ? allowedText(items) : undefined;
  return `a list${minItems ? ` of at least ${minItems}` : ""}${each ? `, each ${each}` : ""}`;
}

function objectText(schema: JsonSchema): string {
  const more = schema.additionalProperties;
  const each = typeof more === "object" ? allowedText(more) : undefined;
  if (each) return `an object, each value ${each}`;
  const keys = knownKeys(schema);
  return keys.length > 0 ? `an object of ${joined(keys, "and")}` : "an object";
}

/** A schema's type in the short form of a usage line: `number`, `text`, `auto|reject`, `text,…`. */
export function typeText(schema: JsonSchema): string {
  if (schema.placeholder) return schema.placeholder;
  const parts = branches(schema);
  if (parts.length > 1) return [...new Set(parts.map(typeText))].join("|");
  if (schema.enum) return schema.enum.join("|");
  if (schema.const !== undefined) return String(schema.const);
  switch (schema.type) {
    case "integer":
      return "number";
    case "boolean":
      return "true|false";
    case "array":
      return `${schema.items ? typeText(schema.items) : "value"},…`;
    case "object":
      return isRecord(schema) ? "name=value,…" : "json";
    case "string":
      return schema.format === "uri" ? "url" : "text";
    default:
      return typeof schema.type === "string" ? schema.type : "value";
  }
}

/** The bounds of a number, in words: `0 to 65535`, `at least 1`; undefined where there are none. */
export function boundsText(schema: JsonSchema): string | undefined {
  if (schema.type !== "number" && schema.type !== "integer") return undefined;
  return rangeText(schema).replace(/^ (from|of) /, "").trim() || undefined;
}

/** Words as a list in a sentence: `a, b or c`. */
export function joined(words: readonly string[], last: "and" | "or"): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/**
 * The names that a mistyped one may have meant: those fewest letters away, else those that end in it
 * (`port` → `http.port`, `rtmp.port`).
 */
export function suggestions(word: string, names: readonly string[]): string[] {
  const wanted = letters(word);
  const distances = names.map((name) => distance(wanted, letters(name)));
  const least = Math.min(...distances);
  if (least <= Math.min(3, Math.floor(wanted.length / 3))) return names.filter((_, at) => distances[at] === least);
  return names.filter((name) => wanted.length > 2 && new RegExp(`[^a-z0-9]${wanted}$`, "i").test(name));
}

/** Letters to change; letters in the wrong order, the commonest slip, count as one. */
function distance(a: string, b: string): number {
  const sameLetters = a !== b && a.length === b.length && [...a].sort().join() === [...b].sort().join();
  return sameLetters ? 1 : levenshteinDistance(a, b);
}

/** The end of a sentence about an unknown name: `; did you mean "a" or "b"?`, or the known ones, or a full stop. */
export function suggestionText(word: string, names: readonly string[], known: readonly string[] = []): string {
  const meant = suggestions(word, names).slice(0, MAX_SUGGESTIONS);
  if (meant.length > 0) return `; did you mean ${joined(meant, "or")}?`;
  return known.length > 0 ? `; known ${known.length > 1 ? "are" : "is"} ${joined(known, "and")}.` : ".";
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
