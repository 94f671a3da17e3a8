import type { RenditionFigures } from "../upload/rendition.ts";

/** The figures of several streams as one: what they take together, and the pictures of the largest. */
export function combinedFigures(figures: readonly RenditionFigures[]): RenditionFigures {
  const sum = (of: (each: RenditionFigures) => number) => figures.reduce((total, each) => total + of(each), 0);
  const largest = figures.reduce((a, b) => b.height * b.width > a.height * a.width ? b : a);
  return {
    ...largest,
    dropped: sum(({ dropped }) => dropped),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    queueMs: Math.max(...figures.map(({ queueMs }) => queueMs)),
    bitrate: sum(({ bitrate = 0 }) => bitrate),
  };
}
