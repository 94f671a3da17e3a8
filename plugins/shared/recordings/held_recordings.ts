import type { EventFeed } from "../../../kernel/event_feed.ts";
import type { PluginContext } from "../../../kernel/plugin.ts";

/** Says whether a recording, named by its path below the data folder, must not be removed yet. */
export type IsHeld = (path: string) => boolean;

const known = new WeakMap<EventFeed, HeldRecordings>();

/** What is held of the recordings of a server: plugins that have yet to do something with them meet those that remove them. */
export function heldRecordings({ feed }: Pick<PluginContext, "feed">): HeldRecordings {
  let held = known.get(feed);
  if (!held) known.set(feed, held = new HeldRecordings());
  return held;
}

/** Which recordings must not be removed for their age or size yet. */
export class HeldRecordings {
  readonly #holders = new Set<IsHeld>();

  /** Holds recordings, until disposed of. */
  hold(isHeld: IsHeld): Disposable {
    this.#holders.add(isHeld);
    return { [Symbol.dispose]: () => void this.#holders.delete(isHeld) };
  }

  /** Whether anybody holds a recording. */
  has(path: string): boolean {
    for (const isHeld of this.#holders) if (isHeld(path)) return true;
    return false;
  }
}
