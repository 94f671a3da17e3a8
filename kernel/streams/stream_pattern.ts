import { DEFAULT_VHOST, type StreamKey } from "../names.ts";

/** Says whether a stream is meant. */
export type StreamMatcher = (key: StreamKey) => boolean;

const PATTERN = /^!?(?:[A-Za-z0-9_.*-]+:)?(?:\*|[A-Za-z0-9_*-]+\/[A-Za-z0-9_*-]+)$/;

/**
 * Whether a text is a pattern of streams: `live/cam`, `live/*`, `*` for all of the default vhost, `vhost:app/name` for others;
 * `*` stands for any characters but `/`, and `!` in front excludes.
 */
export function isStreamPattern(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Makes a matcher from patterns (see {@linkcode isStreamPattern}). The last pattern that fits a stream decides; patterns that
 * all exclude leave out of everything.
 *
 * @throws {TypeError} when one is no pattern
 */
export function streamMatcher(patterns: readonly string[]): StreamMatcher {
  const rules = patterns.map(toRule);
  const isOtherwise = rules.length > 0 && rules.every(({ includes }) => !includes);
  return (key) => rules.findLast(({ fits }) => fits(key))?.includes ?? isOtherwise;
}

interface Rule {
  readonly includes: boolean;
  readonly fits: StreamMatcher;
}

function toRule(pattern: string): Rule {
  if (!isStreamPattern(pattern)) {
    throw new TypeError(`"${pattern}" is no pattern of streams: expected APP/STREAM, where * stands for anything`);
  }
  const includes = !pattern.startsWith("!");
  const text = includes ? pattern : pattern.slice(1);
  const colon = text.indexOf(":");
  const vhost = glob(colon < 0 ? DEFAULT_VHOST : text.slice(0, colon));
  const path = text.slice(colon + 1);
  const name = glob(path === "*" ? "*/*" : path);
  return { includes, fits: (key) => vhost.test(key.vhost) && name.test(`${key.app}/${key.name}`) };
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
}
