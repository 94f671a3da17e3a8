/** A fenced block of a page. */
export interface Block {
  /** What stands behind the opening fence. */
  readonly language: string;
  readonly text: string;
  /** The file that its first line names: `// curfew.ts`. */
  readonly file?: string;
}

/** The fenced blocks of a page, in order. */
export function blocks(page: string): Block[] {
  return Array.from(page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm), ([, language, text]) => {
    const file = /^\/\/ ([\w.]+)\n/.exec(text)?.[1];
    return { language, text, ...(file && { file }) };
  });
}

/** What the links of a page lead to, other sites left out. */
export function localLinks(page: string): string[] {
  return Array.from(page.matchAll(/\]\(([^)]+)\)/g), ([, target]) => target).filter((each) => !/^https?:/.test(each));
}

/** One line for a shell, taken apart. */
export interface CommandLine {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** Where the output goes, if not to the terminal. */
  readonly redirect?: string;
}

/** The command lines of a block, comments left out. */
export function commandLines({ text }: Block): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** Takes apart a command line without quotes: `NAME=value program words > file`. */
export function parseCommandLine(line: string): CommandLine {
  const [command, redirect] = line.split(/\s+>\s+/);
  const words = command.split(/\s+/);
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const env = Object.fromEntries(words.slice(0, first).map((word) => word.split(/=(.*)/s, 2)));
  return { env, words: words.slice(first), ...(redirect && { redirect }) };
}
