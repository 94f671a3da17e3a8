import { ROOT } from "../support/program.ts";

/** What a clone of the repository does not have. */
const NOT_CLONED: ReadonlySet<string> = new Set([".git", "data", "node_modules"]);

/** A copy of the repository, to follow the pages in; removed when disposed of. */
export class Clone implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  /** Copies the repository into a folder of its own. */
  static async make(): Promise<Clone> {
    const folder = await Deno.makeTempDir();
    await copyFolder(ROOT, folder);
    return new Clone(folder);
  }

  /** Writes a file into it. */
  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.folder}/${name}`, text);
  }

  /** Replaces a part of a file. Throws a `TypeError` when it is not there. */
  async edit(name: string, part: string, by: string): Promise<void> {
    const text = await Deno.readTextFile(`${this.folder}/${name}`);
    if (!text.includes(part)) throw new TypeError(`${name} has no ${part}`);
    await this.write(name, text.replace(part, by));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.folder, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (NOT_CLONED.has(name)) continue;
    if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    if (!isDirectory) continue;
    await Deno.mkdir(`${to}/${name}`);
    await copyFolder(`${from}/${name}`, `${to}/${name}`);
  }
}
