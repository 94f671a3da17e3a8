import { type Files, hasCode } from "../../../kernel/files/files.ts";

/** So much is read at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * A file's text; undefined when there is no file. One that is replaced while it is read is all that it was when it was opened;
 * of one that grows the text may have what was added since. Throws what else the disk throws.
 */
export async function readText(files: Files, path: string): Promise<string | undefined> {
  if (!await files.facts(path)) return undefined;
  try {
    await using file = await files.open(path, "read");
    const decoder = new TextDecoder();
    const piece = new Uint8Array(PIECE_BYTES);
    let text = "";
    for (let position = 0;;) {
      const count = await file.read(piece, position);
      if (count === 0) return text + decoder.decode();
      text += decoder.decode(piece.subarray(0, count), { stream: true });
      position += count;
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
