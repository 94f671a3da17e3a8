import { fields, type Shape, shapeText } from "./shape_text.ts";

/** The parts of an OpenAPI document that people read. */
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Shape>> };
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Body;
  readonly responses?: Readonly<Record<string, Body>>;
}

/** What is sent, or answered. */
interface Body {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Shape }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Shape;
}

/** The page says all by itself: it loads nothing and runs nothing. */
export const DOCS_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "cache-control": "no-store",
};

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font: 600 1rem/1.4 ui-monospace, monospace; margin: 2rem 0 0; overflow-wrap: anywhere; }
h2 b { text-transform: uppercase; }
p { margin: .25rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0 0 1rem; }
dt { font-family: ui-monospace, monospace; }
dd { margin: 0; opacity: .85; }
`;

/** A page for people that says what an OpenAPI document says for programs. */
export function docsPage(document: unknown): string {
  const { info, paths = {}, components } = document as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method, path, operation))
  );
  const shapes = Object.entries(components?.schemas ?? {}).map(([name, shape]) => shapeSection(name, shape));
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)}</title><style>${STYLE}</style></head><body><main><h1>${escaped(info.title)} ${
    escaped(info.version)
  }</h1><p>${escaped(info.description ?? "")}</p>${operations.join("\n")}
<h1>What is sent and answered</h1>${shapes.join("\n")}</main></body></html>`;
}

function section(method: string, path: string, operation: Operation): string {
  const { summary = "", parameters = [], requestBody, responses = {} } = operation;
  const rows = [
    ...parameters.map((parameter) => [parameter.name, describe(parameter)]),
    ...(requestBody ? [["body", describeBody(requestBody)]] : []),
    ...Object.entries(responses).map(([status, body]) => [`→ ${status}`, describeBody(body)]),
  ];
  return `<section><h2><b>${escaped(method)}</b> ${escaped(path)}</h2><p>${escaped(summary)}</p>${
    list(rows)
  }</section>`;
}

function shapeSection(name: string, shape: Shape): string {
  const rows = fields(shape).map(([field, type, meaning]) => [field, [type, meaning].filter(Boolean).join("; ")]);
  return `<section><h2>${escaped(name)}</h2>${list(rows)}</section>`;
}

function list(rows: readonly (readonly string[])[]): string {
  return `<dl>${rows.map(([term, text]) => `<dt>${escaped(term)}</dt><dd>${escaped(text)}</dd>`).join("")}</dl>`;
}

function describe({ in: place, required, schema = {} }: Parameter): string {
  const types = [schema.type ?? []].flat().filter((type) => type !== "null");
  const kind = schema.enum ? shapeText(schema) : types.join(" | ");
  return [`${place}${required ? "" : ", optional"}`, kind, schema.description].filter(Boolean).join("; ");
}

function describeBody({ description, content = {} }: Body): string {
  const shapes = Object.values(content).flatMap(({ schema }) => schema ? shapeText(schema) : []);
  return [description, ...shapes].filter(Boolean).join("; ");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
