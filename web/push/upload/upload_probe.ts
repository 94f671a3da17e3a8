import { TAG_OVERHEAD_BYTES } from "../../../media/flv/tag.ts";

/** A connection whose speed is to be measured. */
export interface ProbedLink {
  readonly isOpen: boolean;
  readonly queuedBytes: number;
  send(bytes: Uint8Array): void;
}

/** A tag type that means nothing: readers pass over such tags. */
const TAG_PADDING = 1;

/** What is sent first: until it has left, the server may not even have said yes. */
const FIRST_BYTES = 65_536;

/** What is measured: enough for the connection to reach its speed. */
const MEASURED_BYTES = 524_288;

/** So slow a connection needs no second look, in milliseconds for the first bytes. */
const SLOW_MS = 500;

/** An FLV tag of so many bytes that readers pass over. */
export function paddingTag(bytes: number): Uint8Array<ArrayBuffer> {
  const tag = new Uint8Array(bytes);
  const view = new DataView(tag.buffer);
  view.setUint32(0, TAG_PADDING << 24 | bytes - TAG_OVERHEAD_BYTES);
  view.setUint32(bytes - 4, bytes - 4);
  return tag;
}

/**
 * Measures what a connection carries, in bits per second, by sending what means nothing and waiting until it has left.
 *
 * `tick` waits for a moment; `now` is in milliseconds. Undefined when the connection closes meanwhile.
 */
export async function measureUpload(
  link: ProbedLink,
  tick: () => Promise<void>,
  now: () => number,
): Promise<number | undefined> {
  const first = await timeOf(link, FIRST_BYTES, tick, now);
  if (first === undefined || first >= SLOW_MS) return first && FIRST_BYTES * 8000 / first;
  const measured = await timeOf(link, MEASURED_BYTES, tick, now);
  return measured === undefined ? undefined : MEASURED_BYTES * 8000 / Math.max(1, measured);
}

/** How long it takes for so many bytes to leave, in milliseconds. */
async function timeOf(link: ProbedLink, bytes: number, tick: () => Promise<void>, now: () => number) {
  const began = now();
  link.send(paddingTag(bytes));
  do {
    await tick();
    if (!link.isOpen) return undefined;
  } while (link.queuedBytes > 0);
  return now() - began;
}
