import type { EventFeed } from "../../../kernel/event_feed.ts";
import type { PluginContext } from "../../../kernel/plugin.ts";

/** Gives the address of a recording, named by its path below the data folder, in a store; undefined when it is not there. */
export type FindAddress = (path: string) => Promise<string | undefined>;

const known = new WeakMap<EventFeed, StoreAddresses>();

/** Where recordings of a server are besides its disk: plugins that send them elsewhere meet those that list them. */
export function storeAddresses({ feed }: Pick<PluginContext, "feed">): StoreAddresses {
  let addresses = known.get(feed);
  if (!addresses) known.set(feed, addresses = new StoreAddresses());
  return addresses;
}

/** Finds recordings in stores. */
export class StoreAddresses {
  readonly #finders = new Set<FindAddress>();

  /** Says where recordings are, until disposed of. */
  add(find: FindAddress): Disposable {
    this.#finders.add(find);
    return { [Symbol.dispose]: () => void this.#finders.delete(find) };
  }

  /** The first address that anybody knows; null when nobody does. */
  async find(path: string): Promise<string | null> {
    for (const find of this.#finders) {
      const address = await find(path);
      if (address !== undefined) return address;
    }
    return null;
  }
}
