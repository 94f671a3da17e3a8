import type { Format } from "../../media/format.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { EntryPoints } from "../fanout/entry_points.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A byte format to be read by people: a unit is the packet's payload and a space, an init the newest configurations in
 * angle brackets: `<V A>K0 a23 d40 `. Metadata is left out.
 */
export function textFormat(name = "text"): Format {
  return {
    name,
    open(source) {
      const entries = new EntryPoints();
      const hasVideo = () => source.tracks.some(({ kind }) => kind === "video");
      return {
        role: (packet) => packet.kind === "data" ? undefined : entries.isEntry(packet, hasVideo()) ? "key" : "delta",
        init: (_, out) => {
          const configs = source.tracks.flatMap(({ config }) => config ? [textOf(config)] : []);
          out.raw(encoder.encode(`<${configs.join(" ")}>`));
        },
        write: (packet, out) => void out.raw(packet.body).u8(0x20),
      };
    },
  };
}

function textOf(packet: MediaPacket): string {
  return decoder.decode(packet.body);
}

/** What a reader of {@linkcode textFormat} takes until there is nothing more for it. */
export function readText(subscription: { next(): Uint8Array | undefined }): string {
  let text = "";
  for (let bytes = subscription.next(); bytes; bytes = subscription.next()) text += decoder.decode(bytes);
  return text;
}
