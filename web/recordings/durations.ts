import { HEAD_BYTES, headDuration } from "./head_duration.ts";
import { type Recording, recordingUrl } from "./recording.ts";

/** So many heads are read at once: browsers open six connections to a server, and playing needs some. */
const AT_ONCE = 3;

/** Finds out how long recordings are, each once, from their first bytes. */
export class Durations {
  readonly #onFound: () => void;
  readonly #known = new Map<string, number | undefined>();
  readonly #waiting: Recording[] = [];
  #reading = 0;

  /** `onFound` is called when one more is known. */
  constructor(onFound: () => void) {
    this.#onFound = onFound;
  }

  /** In seconds; undefined while it is not known, or when the recording does not say. */
  of(recording: Recording): number | undefined {
    const { path, isWritten } = recording;
    if (!isWritten && !this.#known.has(path)) {
      this.#known.set(path, undefined);
      this.#waiting.push(recording);
      this.#readNext();
    }
    return this.#known.get(path);
  }

  async #readNext(): Promise<void> {
    if (this.#reading >= AT_ONCE) return;
    const recording = this.#waiting.shift();
    if (!recording) return;
    this.#reading++;
    const duration = await readDuration(recording);
    this.#reading--;
    if (duration !== undefined) {
      this.#known.set(recording.path, duration);
      this.#onFound();
    }
    this.#readNext();
  }
}

async function readDuration({ kind, path }: Recording): Promise<number | undefined> {
  if (kind === "hls") return undefined;
  try {
    const response = await fetch(recordingUrl(path), { headers: { range: `bytes=0-${HEAD_BYTES - 1}` } });
    if (response.status === 206) return headDuration(kind, new Uint8Array(await response.arrayBuffer()));
    await response.body?.cancel();
  } catch {
    return undefined;
  }
}
