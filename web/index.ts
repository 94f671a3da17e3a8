/// <reference lib="dom" />
/**
 * The live page: lists what is live and plays one stream of it, with as little delay as the device allows.
 *
 * `?stream=app/name` chooses a stream, `?embed` shows the player alone; all other parameters go along to the server, for
 * keys and tokens.
 *
 * @module
 */
import {
  hlsAddress,
  playAddress,
  playAddresses,
  publishHints,
  type ServerAddress,
  type Transport,
} from "./shared/addresses.ts";
import { findMediaSource, unplayableCodec } from "./player/codec_support.ts";
import { addressItems } from "./shared/address_items.ts";
import { byId } from "./shared/dom.ts";
import { connectTo } from "./player/flv_connection.ts";
import { LivePage } from "./watch/live_page.ts";
import { connectNatively } from "./player/native_hls.ts";
import { HLS_TYPE, wayOf } from "./watch/way.ts";

/** The stream that the hints for publishers propose. */
const PROPOSED_PATH = "live/cam";

const mediaSource = findMediaSource();
const way = wayOf({
  hasMediaSource: mediaSource !== undefined,
  playsHls: document.createElement("video").canPlayType(HLS_TYPE) !== "",
});

let transport: Transport = "http-flv";

const page = new LivePage({
  connect: way === "native-hls" ? connectNatively : connectTo,
  address: (path, server, query) => {
    return way === "native-hls" ? hlsAddress(path, server, query) : playAddress(path, transport, server, query);
  },
  unplayable: (stream) => {
    if (way === "native-hls") return undefined;
    return mediaSource ? unplayableCodec(stream, mediaSource) : "";
  },
  addresses: playAddresses,
  onServer: showPublishHints,
});

byId("transport", HTMLFieldSetElement).hidden = way !== "flv";
for (const input of document.querySelectorAll<HTMLInputElement>("input[name=transport]")) {
  if (input.checked && input.value !== transport) change(input.value);
  input.addEventListener("change", () => change(input.value));
}

function change(value: string): void {
  transport = value as Transport;
  page.player.reconnect();
}

function showPublishHints(server: ServerAddress, hasStreams: boolean): void {
  byId("publish-card", HTMLDetailsElement).open = !hasStreams;
  byId("publish-hints", HTMLElement).replaceChildren(...addressItems(publishHints(PROPOSED_PATH, server)));
}
