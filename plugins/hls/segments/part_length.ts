/** A part may have so many more or fewer frames than are wanted, as a share of them. */
const LEEWAY = 0.25;

/**
 * How many frames a part has: about as many as are wanted, and so that what is left for the last part of a segment is not
 * much less. hls.js passes over a last part that comes while the one before it is being loaded, and then waits for the end of the
 * next segment; the shorter the last part, the more often that happens.
 *
 * @param wanted may be a fraction
 * @param segment how many frames a segment has
 */
export function framesPerPart(wanted: number, segment: number): number {
  let best = Math.max(1, Math.round(wanted));
  for (let step = 1; step <= wanted * LEEWAY; step++) {
    for (const frames of [Math.round(wanted) - step, Math.round(wanted) + step]) {
      if (frames >= 1 && lastPart(segment, frames) > lastPart(segment, best)) best = frames;
    }
  }
  return best;
}

/** How long the last part of a segment is, as a share of the others. */
function lastPart(segment: number, frames: number): number {
  return (segment % frames || frames) / frames;
}
