import elsewhere from "../../web/parts/elsewhere.html" with { type: "text" };
import encoding from "../../web/parts/encoding.html" with { type: "text" };
import level from "../../web/parts/level.html" with { type: "text" };
import preview from "../../web/parts/preview.html" with { type: "text" };
import publisher from "../../web/parts/publisher.html" with { type: "text" };
import quality from "../../web/parts/quality.html" with { type: "text" };
import screen from "../../web/parts/screen.html" with { type: "text" };
import source from "../../web/parts/source.html" with { type: "text" };
import streams from "../../web/parts/streams.html" with { type: "text" };
import target from "../../web/parts/target.html" with { type: "text" };
import watch from "../../web/parts/watch.html" with { type: "text" };

/** What several pages have in common, by name. */
const PARTS: Readonly<Record<string, string>> = {
  elsewhere,
  encoding,
  level,
  preview,
  publisher,
  quality,
  screen,
  source,
  streams,
  target,
  watch,
};

const PLACEHOLDER = /\{\{ (\w+) \}\}/g;

/**
 * A page's main element, with the parts that it shares with others in their places, and in them `words`, what this page says
 * there, as markup.
 *
 * Throws `ReferenceError` for a placeholder that is neither a part nor among the words, `TypeError` for one that is both.
 */
export function withParts(main: string, words: Readonly<Record<string, string>> = {}): string {
  const both = Object.keys(words).find((name) => Object.hasOwn(PARTS, name));
  if (both !== undefined) throw new TypeError(`Cannot compose a page: "${both}" is a part, and a word too`);
  return main.replace(PLACEHOLDER, (_, name) => {
    if (Object.hasOwn(words, name)) return words[name];
    if (Object.hasOwn(PARTS, name)) return withParts(PARTS[name].trim(), words);
    throw new ReferenceError(`Cannot compose a page: there is no part "${name}", and no word for it`);
  });
}
