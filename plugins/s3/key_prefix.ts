import { DEFAULT_VHOST, type StreamKey } from "../../kernel/names.ts";

const VARIABLES = ["vhost", "app", "stream", "date"] as const;

type Variable = (typeof VARIABLES)[number];

const LITERAL = /^[A-Za-z0-9_.-]*$/;

/** What is wrong with a template of what stands before the paths of files in the names of objects; undefined for a good one. */
export function prefixFault(template: string): string | undefined {
  const variables = Array.from(template.matchAll(/\{([^{}]*)\}/g), ([, name]) => name);
  const unknown = variables.find((name) => !(VARIABLES as readonly string[]).includes(name));
  if (unknown !== undefined) return `{${unknown}} is not one of ${VARIABLES.map((name) => `{${name}}`).join(" ")}`;
  const parts = template.replace(/\{[^{}]*\}/g, "x").split("/").filter((part, i) => part !== "" || i === 0);
  if (template.startsWith("/") || parts.some((part) => !LITERAL.test(part) || /^\.+$/.test(part))) {
    return "it has to be a relative path of letters, digits, _ . - and variables";
  }
}

/** Fills in a template, with `/` at its end unless it is empty; the default vhost is left out. */
export function expandPrefix(template: string, { vhost, app, name }: StreamKey, date: Date): string {
  const values: Record<Variable, string> = {
    vhost: vhost === DEFAULT_VHOST ? "" : vhost.replace(/^\./, "_"),
    app,
    stream: name,
    date: date.toISOString().slice(0, 10).replaceAll("-", ""),
  };
  const text = template.replace(/\{(\w+)\}/g, (_, name: Variable) => values[name]);
  return text.split("/").filter((part) => part !== "").map((part) => `${part}/`).join("");
}
