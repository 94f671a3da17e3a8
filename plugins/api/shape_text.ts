/** The parts of a JSON Schema that are told to people. */
export interface Shape {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shape;
}

/** A shape in one line, as in TypeScript: `{ stream: string, tracks?: Track[] }`. A component goes by its name. */
export function shapeText(shape: Shape): string {
  const { $ref, type, enum: values, items, properties, additionalProperties: others } = shape;
  if ($ref) return $ref.split("/").at(-1)!;
  if (values) return values.map((value) => typeof value === "string" ? value : JSON.stringify(value)).join(" | ");
  if (items) return `${shapeText(items)}[]`;
  if (properties) return `{ ${fields(shape).map(([name, text]) => `${name}: ${text}`).join(", ")} }`;
  if (typeof others === "object") return `{ …: ${shapeText(others)} }`;
  return [type ?? "anything"].flat().join(" | ");
}

/** The properties of a shape: the name, with a question mark where it may be absent, what it is, and what it means. */
export function fields({ properties = {}, required = [] }: Shape): (readonly [string, string, string])[] {
  return Object.entries(properties).map(([name, shape]) => {
    return [required.includes(name) ? name : `${name}?`, shapeText(shape), shape.description ?? ""] as const;
  });
}
