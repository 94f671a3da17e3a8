/// <reference lib="dom" />

/** How many bits of a time in milliseconds are written: it comes round again after four hours. */
const BITS = 24;

/** The picture's width, in pixels. */
export const WIDTH = 1280;

/** The picture's height, in pixels. */
export const HEIGHT = 720;

/** How wide and high the fields are in which the bits stand, in pixels. */
const FIELD = Math.floor(WIDTH / (BITS + 1));

/** The same in all pages of a browser, in milliseconds. */
function now(): number {
  return Math.round(performance.timeOrigin + performance.now()) % 2 ** BITS;
}

/** Draws a picture that moves, with the time at which it was drawn in its pixels. */
export function drawTime(context: CanvasRenderingContext2D): void {
  const time = now();
  context.fillStyle = `hsl(${time / 20 % 360} 60% 40%)`;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = "#fc0";
  context.fillRect(time / 3 % WIDTH, HEIGHT / 2, 200, 200);
  for (let bit = 0; bit < BITS; bit++) {
    context.fillStyle = time >> bit & 1 ? "#fff" : "#000";
    context.fillRect(bit * FIELD, 0, FIELD, FIELD * 2);
  }
  context.fillStyle = "#fff";
  context.fillRect(BITS * FIELD, 0, FIELD, FIELD * 2);
}

/** How long ago a picture was drawn, in milliseconds; undefined for one that has no time in it. */
export function readTime(picture: VideoFrame | HTMLVideoElement): number | undefined {
  const shown = now();
  const canvas = new OffscreenCanvas(WIDTH, FIELD * 2);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0, WIDTH, HEIGHT);
  const { data } = context.getImageData(0, FIELD, WIDTH, 1);
  const isSet = (field: number) => data[(field * FIELD + (FIELD >> 1)) * 4] > 127;
  if (!isSet(BITS)) return undefined;
  let time = 0;
  for (let bit = 0; bit < BITS; bit++) if (isSet(bit)) time |= 1 << bit;
  return (shown - time + 2 ** BITS) % 2 ** BITS;
}
