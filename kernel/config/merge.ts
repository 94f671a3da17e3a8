import type { Assignment, Layer } from "./layer.ts";
import { isObject, type Setting } from "./settings.ts";
import type { Path } from "./words.ts";

/** What all sources together say: of each setting the value of the strongest. */
export class MergedConfig {
  readonly #assignments = new Map<string, Assignment>();

  /** Merges layers, the weakest first: deeply by key, while lists are replaced. */
  constructor(layers: readonly Layer[], settings: readonly Setting[]) {
    const alternatives = alternativesOf(settings);
    for (const layer of layers) {
      for (const { path } of layer.assignments) this.#assignments.delete(alternatives.get(keyOf(path)) ?? "");
      for (const assignment of layer.assignments) this.#assignments.set(keyOf(assignment.path), assignment);
    }
  }

  /** The assignments that count. */
  assignments(): readonly Assignment[] {
    return [...this.#assignments.values()];
  }

  /** What is assigned to exactly this setting. */
  get(path: readonly string[]): Assignment | undefined {
    return this.#assignments.get(keyOf(path));
  }

  /** The assignment that a value at this path comes from, and the rest of the path within it. */
  origin(path: Path): { assignment: Assignment; rest: Path } | undefined {
    for (let length = path.length; length > 0; length--) {
      const assignment = this.#assignments.get(keyOf(path.slice(0, length)));
      if (assignment) return { assignment, rest: path.slice(length) };
    }
  }

  /** The settings as one object, with these sections alone. */
  toObject(sections: readonly string[]): Record<string, unknown> {
    const root: Record<string, unknown> = {};
    for (const { path, value } of this.#assignments.values()) if (sections.includes(path[0])) place(root, path, value);
    return root;
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** From each setting that has an alternative to that one. */
function alternativesOf(settings: readonly Setting[]): Map<string, string> {
  const alternatives = new Map<string, string>();
  for (const { path, schema } of settings.filter(({ schema }) => schema.insteadOf)) {
    const other = keyOf([...path.slice(0, -1), schema.insteadOf ?? ""]);
    alternatives.set(keyOf(path), other).set(other, keyOf(path));
  }
  return alternatives;
}

function place(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(at, key)) define(at, key, {});
    const below = at[key];
    if (!isObject(below)) return;
    at = below;
  }
  define(at, path[path.length - 1], value);
}

/** Like assignment, and safe for the key `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
