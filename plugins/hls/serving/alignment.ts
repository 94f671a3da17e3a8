import type { Rendition } from "../rendition.ts";

/** Segments of two renditions that begin so near to each other, in microseconds, begin at the same time: half a picture. */
const SAME_TIME = 20_000;

/** A rendition under the name by which people know it. */
export interface NamedRendition {
  readonly name: string;
  readonly rendition: Rendition;
}

/**
 * Why players could not change between these renditions, in words; undefined when they can: whatever time two of them have in
 * common is cut at the same moments (RFC 8216, 6.2.4).
 */
export function misalignment(renditions: readonly NamedRendition[]): string | undefined {
  const [first, ...others] = renditions;
  const other = others.find(({ rendition }) => !isAligned(first.rendition, rendition));
  return other &&
    `${other.name} is cut at other times than ${first.name}: their encoders have to start together and set key ` +
      `frames at the same times`;
}

function isAligned(a: Rendition, b: Rendition): boolean {
  const [one, two] = [startsOf(a), startsOf(b)];
  const from = Math.max(one[0], two[0]);
  const to = Math.min(one.at(-1)!, two.at(-1)!);
  if (from - SAME_TIME > to) return false;
  const common = (starts: number[]) => starts.filter((time) => time >= from - SAME_TIME && time <= to + SAME_TIME);
  const [left, right] = [common(one), common(two)];
  return left.length === right.length && left.every((time, i) => Math.abs(time - right[i]) <= SAME_TIME);
}

/** When the segments of the newest stretch of timeline begin. */
function startsOf({ window }: Rendition): number[] {
  const { segments } = window;
  const last = segments.findLastIndex(({ isDiscontinuous }) => isDiscontinuous);
  return segments.slice(Math.max(0, last)).map(({ time }) => time);
}
