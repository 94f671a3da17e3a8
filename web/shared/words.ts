/** How a status is coloured. */
export type Tone = "live" | "waiting" | "quiet" | "trouble";

/** A status in words. */
export interface Words {
  readonly tone: Tone;
  /** One or two words for the badge. */
  readonly label: string;
  /** What is so; absent when the picture says enough. */
  readonly title?: string;
  /** What follows from it, or what can be done. */
  readonly detail?: string;
  /** What the button does, where one helps. */
  readonly action?: string;
}
