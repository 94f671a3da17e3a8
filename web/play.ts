/// <reference lib="dom" />
/**
 * The HLS page: lists what is live and plays one stream of it as HLS, by the device itself where that is Apple's.
 *
 * `?stream=app/name` chooses a stream, also the name of a group of qualities; `?embed` shows the player alone.
 *
 * @module
 */
import { type Address, hlsAddress, type ServerAddress } from "./shared/addresses.ts";
import { byId } from "./shared/dom.ts";
import { connectHls } from "./player/hls_connection.ts";
import { LivePage } from "./watch/live_page.ts";
import { connectNatively } from "./player/native_hls.ts";
import { QualityMenu } from "./watch/quality_menu.ts";
import { HLS_TYPE } from "./watch/way.ts";

/** Apple's browsers play HLS better than any script, and nothing else in the background or on a television set. */
const isNative = navigator.vendor.startsWith("Apple") &&
  document.createElement("video").canPlayType(HLS_TYPE) !== "";

const menu = new QualityMenu(byId("quality-field", HTMLElement), byId("quality", HTMLSelectElement));

new LivePage({
  connect: (video) => isNative ? connectNatively(video) : connectHls(video, menu),
  address: hlsAddress,
  unplayable: () => undefined,
  addresses,
});

function addresses(path: string, server: ServerAddress): Address[] {
  const address = hlsAddress(path, server);
  return [
    { label: "HLS, for phones and television sets", text: address },
    { label: "ffplay", text: `ffplay ${address}` },
  ];
}
