/** A playlist that has ended. */
export interface ClosedPlaylist {
  readonly text: string;
  /** Its segments. */
  readonly uris: readonly string[];
}

/**
 * Ends the playlist of a recording behind the last segment that is really there: after a crash the last line may be torn, and
 * after a loss of power the last files may be empty. `isThere` says whether a file is, and has anything in it.
 */
export async function closedPlaylist(
  text: string,
  isThere: (uri: string) => Promise<boolean>,
): Promise<ClosedPlaylist> {
  const lines = text.split("\n").slice(0, -1).filter((line) => line !== "#EXT-X-ENDLIST");
  while (lines.length > 0 && !(isUri(lines[lines.length - 1]) && await isThere(lines[lines.length - 1]))) lines.pop();
  const ended = lines.map((line) => line === "#EXT-X-PLAYLIST-TYPE:EVENT" ? "#EXT-X-PLAYLIST-TYPE:VOD" : line);
  return { text: [...ended, "#EXT-X-ENDLIST", ""].join("\n"), uris: lines.filter(isUri) };
}

function isUri(line: string): boolean {
  return line !== "" && !line.startsWith("#");
}
