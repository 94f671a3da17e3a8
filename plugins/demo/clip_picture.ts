/**
 * Draws the demo clip: a gate's dial over moving water, every second a new number. All motion repeats after
 * {@linkcode LOOP_SECONDS}, so the last frame leads into the first.
 *
 * @module
 */

/** After how many seconds picture and sound repeat. 8 s is a whole number of GOPs and of AAC frames at 48 kHz. */
export const LOOP_SECONDS = 8;

/** The picture's width, in pixels. */
export const WIDTH = 640;

/** The picture's height, in pixels. */
export const HEIGHT = 360;

/** So many pictures are drawn for a second. */
export const FRAMES_PER_SECOND = 25;

type Colour = readonly [red: number, green: number, blue: number];
type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

const TURN = 2 * Math.PI;
const NIGHT: Colour = [11, 24, 38];
const DUSK: Colour = [20, 58, 82];
const FOAM: Colour = [236, 246, 248];
const AMBER: Colour = [255, 190, 92];
const DIM: Colour = [52, 92, 116];

const DIAL = { x: WIDTH / 2, y: 148, radius: 88 };

/** `cycles` and `rolls` are whole numbers over one loop, or the seam would show. */
const WAVES = [
  { level: 262, swell: 9, cycles: 2, rolls: 1, colour: [24, 92, 120] as Colour },
  { level: 284, swell: 8, cycles: 3, rolls: -2, colour: [31, 126, 148] as Colour },
  { level: 308, swell: 7, cycles: 2, rolls: 3, colour: [52, 164, 172] as Colour },
];

/** One frame as RGB, 8 bits each, top left first. `time` is in seconds from the start of the loop. */
export function drawFrame(time: number): Uint8Array {
  const canvas = new Canvas(WIDTH, HEIGHT);
  canvas.gradient(NIGHT, DUSK);
  for (const wave of WAVES) drawWave(canvas, wave, time);
  drawDial(canvas, time);
  drawText(canvas, "SLUICE", { x: 28, y: 30, size: 20, weight: 2.6, colour: FOAM });
  drawText(canvas, "DEMO", { x: 534, y: 30, size: 20, weight: 2.6, colour: AMBER });
  drawCounter(canvas, time);
  return canvas.pixels;
}

function drawWave(canvas: Canvas, wave: typeof WAVES[number], time: number): void {
  for (let x = 0; x < WIDTH; x++) {
    const along = x / WIDTH * wave.cycles - time / LOOP_SECONDS * wave.rolls;
    const top = wave.level + wave.swell * Math.sin(TURN * along) + wave.swell / 3 * Math.sin(2 * TURN * along);
    for (let y = Math.floor(top); y < HEIGHT; y++) canvas.blend(x, y, wave.colour, Math.min(1, y + 0.5 - top + 0.5));
  }
}

function drawDial(canvas: Canvas, time: number): void {
  const { x, y, radius } = DIAL;
  const sinceTick = time % 1;
  const ripple = radius + 6 + 22 * sinceTick;
  canvas.paint(
    x,
    y,
    ripple + 3,
    AMBER,
    (dx, dy) => (1 - sinceTick) ** 2 * cover(Math.abs(Math.hypot(dx, dy) - ripple) - 1.2),
  );
  canvas.paint(x, y, radius + 6, DIM, (dx, dy) => cover(Math.abs(Math.hypot(dx, dy) - radius) - 3.2));
  canvas.paint(x, y, radius + 6, FOAM, (dx, dy) => {
    const angle = (Math.atan2(dx, -dy) + TURN) % TURN;
    const swept = angle <= time / LOOP_SECONDS * TURN ? 1 : 0;
    return swept * cover(Math.abs(Math.hypot(dx, dy) - radius) - 3.2);
  });
  const hand = time / LOOP_SECONDS * TURN;
  const tip: Point = [x + radius * Math.sin(hand), y - radius * Math.cos(hand)];
  canvas.paint(tip[0], tip[1], 12, AMBER, (dx, dy) => cover(Math.hypot(dx, dy) - 8));
  const second = String(Math.floor(time) + 1);
  drawText(canvas, second, { x: x - 21, y: y - 42, size: 84, weight: 9, colour: FOAM });
}

function drawCounter(canvas: Canvas, time: number): void {
  const frame = Math.round(time % 1 * FRAMES_PER_SECOND);
  const text = `00:0${Math.floor(time)}:${String(frame).padStart(2, "0")}`;
  drawText(canvas, text, { x: 266, y: 328, size: 16, weight: 2.2, colour: NIGHT });
}

interface Lettering {
  x: number;
  y: number;
  /** Height of a capital letter in pixels; its width is half of it. */
  size: number;
  weight: number;
  colour: Colour;
}

function drawText(canvas: Canvas, text: string, { x, y, size, weight, colour }: Lettering): void {
  for (const letter of text) {
    const left = x;
    const strokes = GLYPHS[letter].map((stroke) => stroke.map(([u, v]): Point => [left + u * size / 2, y + v * size]));
    const centre: Point = [left + size / 4, y + size / 2];
    canvas.paint(centre[0], centre[1], size * 0.6 + weight, colour, (dx, dy) => {
      const at: Point = [centre[0] + dx, centre[1] + dy];
      return cover(Math.min(...strokes.map((stroke) => distanceTo(stroke, at))) - weight / 2);
    });
    x += letter === ":" ? size * 0.42 : size * 0.82;
  }
}

/** How much of a pixel lies inside a shape whose edge is `distance` pixels away (negative: the pixel is inside). */
function cover(distance: number): number {
  return Math.max(0, Math.min(1, 0.5 - distance));
}

function distanceTo(stroke: Stroke, [px, py]: Point): number {
  let nearest = Infinity;
  for (let i = 1; i < stroke.length; i++) {
    const [ax, ay] = stroke[i - 1];
    const [bx, by] = stroke[i];
    const lengthSquared = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const along = Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / lengthSquared));
    nearest = Math.min(nearest, Math.hypot(px - ax - along * (bx - ax), py - ay - along * (by - ay)));
  }
  return nearest;
}

/** Points on an ellipse inside the unit square of a glyph; turns count clockwise from the top. */
function arc(cx: number, cy: number, rx: number, ry: number, fromTurn: number, toTurn: number): Point[] {
  const steps = 24;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = TURN * (fromTurn + (toTurn - fromTurn) * i / steps);
    return [cx + rx * Math.sin(angle), cy - ry * Math.cos(angle)];
  });
}

/** A single-stroke alphabet: x and y from 0 to 1, y downwards. */
const GLYPHS: Record<string, readonly Stroke[]> = {
  "0": [arc(0.5, 0.5, 0.5, 0.5, 0, 1)],
  "1": [[[0.15, 0.2], [0.55, 0], [0.55, 1]]],
  "2": [[...arc(0.5, 0.29, 0.48, 0.29, -0.22, 0.36), [0, 1], [1, 1]]],
  "3": [arc(0.45, 0.25, 0.45, 0.25, -0.2, 0.5), arc(0.45, 0.75, 0.5, 0.25, 0, 0.72)],
  "4": [[[0.75, 1], [0.75, 0], [0, 0.7], [1, 0.7]]],
  "5": [[[0.92, 0], [0.14, 0], [0.06, 0.46], ...arc(0.46, 0.68, 0.52, 0.32, -0.1, 0.7)]],
  "6": [[[0.8, 0.02], [0.12, 0.52]], arc(0.5, 0.69, 0.48, 0.31, 0, 1)],
  "7": [[[0, 0], [1, 0], [0.35, 1]]],
  "8": [arc(0.5, 0.25, 0.42, 0.25, 0, 1), arc(0.5, 0.75, 0.5, 0.25, 0, 1)],
  "9": [[[0.2, 0.98], [0.88, 0.48]], arc(0.5, 0.31, 0.48, 0.31, 0, 1)],
  ":": [[[0.1, 0.3], [0.1, 0.31]], [[0.1, 0.7], [0.1, 0.71]]],
  C: [arc(0.55, 0.5, 0.55, 0.5, 0.38, 1.12)],
  D: [[[0, 0], [0.35, 0], ...arc(0.35, 0.5, 0.62, 0.5, 0, 0.5), [0, 1], [0, 0]]],
  E: [[[0.95, 0], [0.05, 0], [0.05, 1], [0.95, 1]], [[0.05, 0.5], [0.8, 0.5]]],
  I: [[[0.5, 0], [0.5, 1]]],
  L: [[[0.05, 0], [0.05, 1], [0.9, 1]]],
  M: [[[0, 1], [0, 0], [0.5, 0.6], [1, 0], [1, 1]]],
  O: [arc(0.5, 0.5, 0.58, 0.5, 0, 1)],
  S: [[...arc(0.5, 0.26, 0.45, 0.26, 0.2, -0.5), ...arc(0.5, 0.76, 0.48, 0.25, 0, 0.72)]],
  U: [[[0, 0], [0, 0.6], ...arc(0.5, 0.62, 0.5, 0.38, 0.75, 0.25), [1, 0]]],
};

/** RGB pixels and the two ways of putting colour on them. */
class Canvas {
  readonly pixels: Uint8Array;

  constructor(readonly width: number, readonly height: number) {
    this.pixels = new Uint8Array(width * height * 3);
  }

  gradient(top: Colour, bottom: Colour): void {
    for (let y = 0; y < this.height; y++) {
      const share = y / this.height;
      const row = [0, 1, 2].map((i) => Math.round(top[i] + (bottom[i] - top[i]) * share));
      for (let x = 0; x < this.width; x++) this.pixels.set(row, (y * this.width + x) * 3);
    }
  }

  /** Lays `colour` over one pixel; `share` 0 leaves it as it is, 1 covers it. */
  blend(x: number, y: number, colour: Colour, share: number): void {
    if (share <= 0 || x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 3;
    for (let i = 0; i < 3; i++) this.pixels[at + i] += Math.round((colour[i] - this.pixels[at + i]) * share);
  }

  /** Lays `colour` over the square of ±`reach` pixels around a point, as much as `share(dx, dy)` says. */
  paint(cx: number, cy: number, reach: number, colour: Colour, share: (dx: number, dy: number) => number): void {
    for (let y = Math.floor(cy - reach); y <= cy + reach; y++) {
      for (let x = Math.floor(cx - reach); x <= cx + reach; x++) {
        this.blend(x, y, colour, share(x + 0.5 - cx, y + 0.5 - cy));
      }
    }
  }
}
