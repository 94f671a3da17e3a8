import { type Files, hasCode } from "../../kernel/files.ts";

/** A file's text as large as it is when it is opened; undefined when there is no file. Throws what else the disk throws. */
export async function readText(files: Files, path: string): Promise<string | undefined> {
  const size = (await files.facts(path))?.size;
  if (size === undefined) return undefined;
  try {
    await using file = await files.open(path, "read");
    const content = new Uint8Array(size);
    let filled = 0;
    for (let count = -1; count !== 0 && filled < size; filled += count) {
      count = await file.read(content.subarray(filled), filled);
    }
    return new TextDecoder().decode(content.subarray(0, filled));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
