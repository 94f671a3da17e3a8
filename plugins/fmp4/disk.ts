import { basename, dirname, join } from "@std/path";
import { type Files, hasCode } from "../../kernel/files/files.ts";

/** The path, or with `-2`, `-3` … behind its name, before its extension if there is one, what is not taken. */
export async function freeName(files: Files, path: string): Promise<string> {
  for (let attempt = 1;; attempt++) {
    const candidate = numbered(path, attempt);
    if (!await files.facts(candidate)) return candidate;
  }
}

/** The path itself, then with `-2`, `-3` … before its extension. */
export function numbered(path: string, attempt: number): string {
  if (attempt === 1) return path;
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return join(dirname(path), `${stem}-${attempt}${extension}`);
}

/** Gives a file a second name, or where the disk has no second names, a copy; makes the folders above it. The name must be free. */
export async function linkOrCopy(files: Files, path: string, second: string): Promise<void> {
  try {
    await link(files, path, second);
  } catch (error) {
    if (!NO_LINKS.some((code) => hasCode(error, code))) throw error;
    await copy(files, path, second);
  }
}

/** How systems say that a disk has no second names for files. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"];

const COPY_BYTES = 1024 * 1024;

async function link(files: Files, path: string, second: string): Promise<void> {
  try {
    await files.link(path, second);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    await makeFolder(files, dirname(second));
    await files.link(path, second);
  }
}

/** A file that is made brings its folder with it. */
async function makeFolder(files: Files, folder: string): Promise<void> {
  const trace = join(folder, ".folder");
  await files.replace(trace, "");
  await files.remove(trace);
}

async function copy(files: Files, path: string, second: string): Promise<void> {
  await using from = await files.open(path, "read");
  await using to = await files.create(second);
  try {
    const buffer = new Uint8Array(COPY_BYTES);
    for (let position = 0;;) {
      const count = await from.read(buffer, position);
      if (count === 0) return;
      await to.write(buffer.subarray(0, count));
      position += count;
    }
  } catch (error) {
    await files.remove(second);
    throw error;
  }
}
