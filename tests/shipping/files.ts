import { parseAllDocuments } from "yaml";
import { ROOT } from "../support/program.ts";

/** A value of a parsed file, by its path; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<string | number, unknown> | undefined)?.[key], value);
}

/** A file of the repository. */
export function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}${path}`);
}

/** The documents of a YAML file. Throws its first error. */
export function yaml(path: string): unknown[] {
  return parseAllDocuments(read(path)).map((document) => {
    if (document.errors?.length) throw document.errors[0];
    return document.toJS();
  });
}

/** The permissions in a command line. */
export function permissions(words: readonly string[]): string[] {
  return words.filter((word) => /^(--(allow|deny)-|-A$|-[A-Z]$)/.test(word)).sort();
}

/** The value of an instruction in a Dockerfile's last stage, continued lines joined. */
export function instruction(dockerfile: string, name: string): string {
  const stage = dockerfile.replaceAll("\\\n", "").split(/^FROM /m).at(-1)!;
  const found = stage.split("\n").find((line) => line.startsWith(`${name} `));
  if (!found) throw new TypeError(`The image has no ${name}`);
  return found.slice(name.length + 1);
}
