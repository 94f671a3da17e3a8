/** Words of a text in lines of at most so many characters; a word that is longer has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A term and what it means. */
export interface Row {
  readonly term: string;
  readonly text: string;
}

const INDENT = 2;
const GAP = 2;

/** Narrower than this, a column of text is harder to read than a line of its own. */
const LEAST_TEXT_WIDTH = 30;

/**
 * Two columns, the second wrapped. Terms longer than `termWidth` have a line of their own, and so do all where the
 * terminal is too narrow for two columns.
 */
export function table(rows: readonly Row[], columns: number, termWidth: number): string[] {
  const longest = Math.min(termWidth, Math.max(0, ...rows.map(({ term }) => term.length)));
  const isNarrow = columns - INDENT - longest - GAP < LEAST_TEXT_WIDTH;
  const textAt = isNarrow ? INDENT * 3 : INDENT + longest + GAP;
  return rows.flatMap(({ term, text }) => {
    const lines = wrap(text, Math.max(1, columns - textAt)).map((line) => " ".repeat(textAt) + line);
    const start = " ".repeat(INDENT) + term;
    if (isNarrow || term.length > longest || lines.length === 0) return [start, ...lines];
    return [start.padEnd(textAt) + lines[0].slice(textAt), ...lines.slice(1)];
  });
}
