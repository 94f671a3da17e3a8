import { branches, isRecord, type JsonSchema } from "./json_schema.ts";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TRUE = ["true", "1", "yes", "on"];
const FALSE = ["false", "0", "no", "off"];

/**
 * The value that a text means where a schema expects something: numbers, true and false, `a,b,c` for lists,
 * `name=value,…` for records, JSON for all else. A text that means nothing there is returned as it is, so that the
 * schema's own check refuses it.
 */
export function coerce(text: string, schema: JsonSchema): unknown {
  const parts = branches(schema);
  const mayBeText = parts.some(({ type }) => type === "string");
  for (const part of parts) {
    const value = coerceTo(text.trim(), part, mayBeText);
    if (value !== undefined) return value;
  }
  return text;
}

function coerceTo(text: string, schema: JsonSchema, mayBeText: boolean): unknown {
  switch (schema.type) {
    case "boolean":
      return coerceBoolean(text.toLowerCase());
    case "number":
    case "integer":
      return NUMBER.test(text) ? Number(text) : undefined;
    case "array":
      return parsedJson(text, "[") ?? (mayBeText ? undefined : coerceList(text, schema));
    case "object":
      return parsedJson(text, "{") ?? (isRecord(schema) ? coerceRecord(text, schema) : undefined);
  }
}

function coerceList(text: string, { items: each }: JsonSchema): unknown {
  return items(text).map((item) => coerce(item, each || {}));
}

function coerceBoolean(word: string): boolean | undefined {
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : undefined;
}

function coerceRecord(text: string, { additionalProperties: values }: JsonSchema): unknown {
  const pairs = items(text).map((item) => item.split(/=(.*)/s, 2));
  if (typeof values !== "object" || pairs.some((pair) => pair.length < 2)) return undefined;
  return Object.fromEntries(pairs.map(([name, value]) => [name.trim(), coerce(value.trim(), values)]));
}

function items(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter(Boolean);
}

function parsedJson(text: string, start: "{" | "["): unknown {
  if (!text.startsWith(start)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
