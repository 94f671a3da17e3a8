/** Media sequence numbers count from here, so that they stay below 2^31 for seventeen years: some players have no more bits. */
const ERA = Date.UTC(2025, 0, 1);

/** So many numbers a second may be used before a restart of the server could find one that was used already. */
const NUMBERS_PER_SECOND = 4;

/**
 * The media sequence number, and discontinuity sequence number, that a playlist begins with: higher than any before it, also
 * before a restart of the server, since segments last longer than the time between two numbers.
 */
export function sequenceOrigin(date: Date): number {
  return Math.max(0, Math.floor((date.getTime() - ERA) / 1000 * NUMBERS_PER_SECOND));
}

/** What names of segments begin with: 48 random bits, so that no name is ever used again, whatever the clock says. */
export function unusedPrefix(): string {
  const numbers = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(numbers, (number) => number.toString(16).padStart(2, "0")).join("");
}
