import { type Files, hasCode } from "../../kernel/files.ts";

/** So much is read at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * The text of a list that may be replaced or grow while it is read: all of one that was there when it was opened, and maybe
 * lines that were added since. Undefined when there is no file; throws what else the disk throws.
 */
export async function readList(files: Files, path: string): Promise<string | undefined> {
  try {
    await using file = await files.open(path, "read");
    const decoder = new TextDecoder();
    let text = "";
    for (let position = 0;;) {
      const piece = new Uint8Array(PIECE_BYTES);
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
