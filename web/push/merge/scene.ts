/** Where something stands in a picture; all in parts of the picture's width and height, from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Ways to put several pictures into one. */
export type Layout = "grid" | "side-by-side" | "picture-in-picture";

/** The whole picture. */
export const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };

/** Nothing gets smaller than this, so that it can still be seen and taken hold of. */
const MIN_SIZE = 0.04;

/** So much of everything stays in the picture, so that nothing gets lost. */
const MIN_VISIBLE = 0.05;

/** How wide the small pictures in the large one are, and how far from its edge and from one another. */
const INSET_WIDTH = 0.26;
const INSET_MARGIN = 0.025;

/**
 * The largest box of a shape in the middle of another; `shape` is its width in parts of the picture's width over its
 * height in parts of the picture's height.
 */
export function fitBox({ x, y, width, height }: Box, shape: number): Box {
  const fitting = Math.min(width, height * shape);
  const size = { width: fitting, height: fitting / shape };
  return { x: x + (width - size.width) / 2, y: y + (height - size.height) / 2, ...size };
}

/** The box moved by parts of the picture; a piece of it always stays visible. */
export function moveBox(box: Box, dx: number, dy: number): Box {
  return {
    ...box,
    x: clamp(box.x + dx, MIN_VISIBLE - box.width, 1 - MIN_VISIBLE),
    y: clamp(box.y + dy, MIN_VISIBLE - box.height, 1 - MIN_VISIBLE),
  };
}

/** The box made so wide, in its own shape; its upper left corner stays. */
export function resizeBox(box: Box, width: number): Box {
  const shape = box.width / box.height;
  const least = Math.max(MIN_SIZE, MIN_SIZE * shape);
  const wide = clamp(width, Math.min(least, box.width), 3);
  return moveBox({ ...box, width: wide, height: wide / shape }, 0, 0);
}

/** The box in another shape, as high as it was. */
export function reshapeBox(box: Box, shape: number): Box {
  return { ...box, width: box.height * shape };
}

/** Where pictures of these shapes stand in a layout, back to front. */
export function arrange(layout: Layout, shapes: readonly number[]): Box[] {
  switch (layout) {
    case "side-by-side":
      return shapes.map((shape, i) => fitBox({ ...WHOLE, x: i / shapes.length, width: 1 / shapes.length }, shape));
    case "grid":
      return shapes.map((shape, i) => fitBox(gridCell(i, shapes.length), shape));
    case "picture-in-picture":
      return insets(shapes);
  }
}

/** The cell of a grid that is as square as can be; the last row stands in the middle. */
function gridCell(index: number, count: number): Box {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const row = Math.floor(index / columns);
  const inRow = row === rows - 1 ? count - row * columns : columns;
  const [width, height] = [1 / columns, 1 / rows];
  return { x: (1 - inRow * width) / 2 + (index % columns) * width, y: row * height, width, height };
}

/** The first fills the picture, the others stand above one another in its lower right corner. */
function insets(shapes: readonly number[]): Box[] {
  let bottom = 1 - INSET_MARGIN;
  return shapes.map((shape, i) => {
    if (i === 0) return fitBox(WHOLE, shape);
    const height = INSET_WIDTH / shape;
    bottom -= height;
    const box = { x: 1 - INSET_MARGIN - INSET_WIDTH, y: Math.max(0, bottom), width: INSET_WIDTH, height };
    bottom -= INSET_MARGIN;
    return box;
  });
}

/** The list with one entry moved by a number of places; beyond an end it stays at the end. */
export function reorder<T>(list: readonly T[], entry: T, places: number): T[] {
  const from = list.indexOf(entry);
  const rest = list.filter((each) => each !== entry);
  rest.splice(clamp(from + places, 0, rest.length), 0, entry);
  return rest;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** How far an arrow key moves, in parts of the picture, and by which part of itself it makes larger. */
const STEP = 0.02;
const SMALL_STEP = 0.002;

/** A key that was pressed, as keyboard events tell it. */
export interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** What a key does to a box: arrows move it, with Shift make it larger or smaller, with Alt in small steps; else undefined. */
export function keyedBox(box: Box, { key, shiftKey, altKey }: PressedKey): Box | undefined {
  if (!Object.hasOwn(DIRECTIONS, key)) return undefined;
  const step = altKey ? SMALL_STEP : STEP;
  const [dx, dy] = DIRECTIONS[key].map((part) => part * step);
  return shiftKey ? resizeBox(box, box.width + dx + dy) : moveBox(box, dx, dy);
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
