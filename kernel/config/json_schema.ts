import { z } from "zod";

/** The part of JSON Schema (2020-12) that zod writes and that is read here. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema | false;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly description?: string;
  /** From `.meta({ secret: true })`: the value is masked wherever it is shown. */
  readonly secret?: boolean;
  /** From `.meta({ allowed: "…" })`: what is allowed, in words, where the schema alone does not say it well. */
  readonly allowed?: string;
  /** From `.meta({ placeholder: "NAME,…" })`: what stands for a value in a usage line. */
  readonly placeholder?: string;
  /** From `.meta({ insteadOf: "port" })`: of this setting and that one beside it, the stronger source's counts. */
  readonly insteadOf?: string;
  /** From `.meta({ otherwise: … })`: variables of the field that count where no source says anything of it. */
  readonly otherwise?: OtherVariables;
}

/** Variables that other programs read too, and so may not be meant for this one. */
export interface OtherVariables {
  /** Their names; the first that is set counts. */
  readonly env: readonly string[];
  /** They count only where a source sets this setting beside it, … */
  readonly when: string;
  /** … and none of these, which belong together. */
  readonly unless?: readonly string[];
}

/** What one may write to satisfy a zod schema; transforms and other code show as what they take in. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

/** The schema as a list of alternatives, each of one type: the schema itself, or the branches of a union. */
export function branches(schema: JsonSchema): readonly JsonSchema[] {
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return parts.flatMap(branches);
  return Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema];
}

/** An object with fixed keys and no alternatives: its keys are settings of their own. */
export function isSection(schema: JsonSchema): boolean {
  return schema.properties !== undefined && !isOpen(schema);
}

/** An object with keys of the user's choice, all values of one kind. */
export function isRecord(schema: JsonSchema): boolean {
  return schema.type === "object" && typeof schema.additionalProperties === "object" && knownKeys(schema).length === 0;
}

/** The keys that the schema, or any branch of it, names. */
export function knownKeys(schema: JsonSchema): string[] {
  return [...new Set(branches(schema).flatMap((branch) => Object.keys(branch.properties ?? {})))];
}

/** Says whether keys beyond the named ones are allowed. */
function isOpen(schema: JsonSchema): boolean {
  return branches(schema).some(({ properties, additionalProperties: more }) =>
    more === undefined ? properties === undefined : more !== false
  );
}

/** The schema of what stands under a key or at an index; a union when branches differ, undefined when nothing may. */
export function childSchema(schema: JsonSchema, key: string | number): JsonSchema | undefined {
  const found = branches(schema).flatMap((branch) => childOf(branch, key) ?? []);
  return found.length > 1 ? { anyOf: found } : found[0];
}

function childOf(schema: JsonSchema, key: string | number): JsonSchema | undefined {
  if (typeof key === "number") return schema.prefixItems?.[key] ?? (schema.items || undefined);
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  const more = schema.additionalProperties;
  return more === true ? {} : more || undefined;
}

/** The schema at a path below, or undefined where the path leaves what the schema describes. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema;
  for (const key of path) at = at && childSchema(at, typeof key === "symbol" ? String(key) : key);
  return at;
}
