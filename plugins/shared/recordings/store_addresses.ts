import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { Contributions, perServer } from "../per_server.ts";

/** Gives the address of a recording, named by its path below the data folder, in a store; undefined when it is not there. */
export type FindAddress = (path: string) => Promise<string | undefined>;

/** Finds recordings in stores, by those that were added. */
export class StoreAddresses extends Contributions<FindAddress> {
  /** The first address that anybody knows; null when nobody does. */
  async find(path: string): Promise<string | null> {
    for (const find of this) {
      const address = await find(path);
      if (address !== undefined) return address;
    }
    return null;
  }
}

/** Where recordings of a server are besides its disk: plugins that send them elsewhere meet those that list them. */
export const storeAddresses: (ctx: Pick<PluginContext, "feed">) => StoreAddresses = perServer(() =>
  new StoreAddresses()
);
