import type { z } from "zod";
import { type JsonSchema, schemaAt } from "./json_schema.ts";
import type { MergedConfig } from "./merge.ts";
import { type Setting, shownText } from "./settings.ts";
import { allowedText, type Path, pathText } from "./words.ts";

type Issue = z.core.$ZodIssue;

/**
 * What a schema found wrong, one sentence for each place: where, what was found, what is allowed.
 *
 * The message of a schema's own `refine` goes on from "… is 5, but ", as in "must be less than the other".
 */
export function issueSentences(
  issues: readonly Issue[],
  value: unknown,
  schema: JsonSchema,
  merged: MergedConfig,
  settings: readonly Setting[],
): string[] {
  const sentences = new Map<string, string>();
  for (const issue of issues) {
    const path = issue.path.map((key) => typeof key === "symbol" ? String(key) : key);
    // Unknown keys are found, with suggestions, while sources are read.
    if (issue.code === "unrecognized_keys" || sentences.has(pathText(path))) continue;
    const found = valueAt(value, path);
    const rule = allowed(issue, schemaAt(schema, path));
    const sentence = found === undefined
      ? missingSentence(path, rule, merged, settings)
      : `${whereText(path, merged)} is ${shownText(found, path, settings)}, but ${rule}.`;
    sentences.set(pathText(path), sentence);
  }
  return [...sentences.values()];
}

function allowed(issue: Issue, schema: JsonSchema | undefined): string {
  if (issue.code === "custom") return issue.message;
  if (issue.code === "invalid_key") return `its name ${issue.issues[0]?.message}`;
  const text = schema && allowedText(schema);
  return text ? `must be ${text}` : issue.message;
}

function whereText(path: Path, merged: MergedConfig): string {
  const origin = merged.origin(path);
  return origin ? origin.assignment.where(origin.rest) : `The setting ${pathText(path)}`;
}

function missingSentence(path: Path, rule: string, merged: MergedConfig, settings: readonly Setting[]): string {
  const setting = settings.find((each) => pathText(each.path) === pathText(path));
  const ways = setting ? ` (flag --${setting.flag}, environment ${setting.env})` : "";
  return `${whereText(path, merged)} is missing; it ${rule}${ways}.`;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) at = typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined;
  return at;
}
