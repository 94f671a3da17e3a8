/// <reference lib="dom" />
/**
 * The live page: lists what is live and plays one stream of it.
 *
 * `?stream=app/name` chooses a stream; all other parameters go along to the server, for keys and tokens.
 *
 * @module
 */
import { playAddress, playAddresses, publishHints, type ServerAddress, type Transport } from "./addresses.ts";
import { findMediaSource, unplayableCodec } from "./codec_support.ts";
import { addressItems } from "./copy.ts";
import { byId } from "./dom.ts";
import { FactsView } from "./facts_view.ts";
import { connectTo } from "./flv_connection.ts";
import { LiveList } from "./live_list.ts";
import { LivePlayer, type PlayerStatus } from "./live_player.ts";
import { isStreamPath, type LiveAnswer, type LiveStream } from "./live_stream.ts";
import { StageView } from "./stage_view.ts";
import { StreamListView } from "./stream_list_view.ts";

/** How often the statistics are renewed, in milliseconds. */
const FACTS_MS = 1000;

/** The stream that the hints for publishers propose. */
const PROPOSED_PATH = "live/cam";

class LivePage {
  readonly #stage = new StageView(() => this.#player.reconnect());
  readonly #streamList = new StreamListView(byId("streams", HTMLElement), byId("streams-note", HTMLElement), (path) => {
    this.#open(path);
  });
  readonly #facts = new FactsView(byId("facts", HTMLElement), this.#stage.video);
  readonly #playCard = byId("play-card", HTMLElement);
  readonly #publishCard = byId("publish-card", HTMLDetailsElement);
  readonly #player: LivePlayer;
  readonly #list: LiveList;
  #streams: readonly LiveStream[] = [];
  #server?: ServerAddress;
  #transport: Transport = "http-flv";

  constructor() {
    const mediaSource = findMediaSource();
    this.#player = new LivePlayer({
      connect: connectTo(this.#stage.video),
      address: (path) => playAddress(path, this.#transport, this.#serverAddress(), this.#forwardedQuery()),
      unplayable: (stream) => mediaSource ? unplayableCodec(stream, mediaSource) : "",
      later: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      onChange: (status) => this.#show(status),
      refresh: () => this.#list.refresh(),
    });
    this.#list = new LiveList((answer) => this.#onAnswer(answer));
    this.#listen();
    this.#chooseFromAddress();
    setInterval(() => this.#showFacts(), FACTS_MS);
  }

  #listen(): void {
    const { video } = this.#stage;
    video.addEventListener("pause", () => this.#player.pause());
    video.addEventListener("play", () => this.#player.resume());
    addEventListener("popstate", () => this.#chooseFromAddress());
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=transport]")) {
      if (input.checked) this.#transport = input.value as Transport;
      input.addEventListener("change", () => {
        this.#transport = input.value as Transport;
        this.#player.reconnect();
      });
    }
  }

  #onAnswer(answer: LiveAnswer | undefined): void {
    if (!answer) return this.#streamList.showUnreachable();
    this.#streams = answer.streams;
    this.#showPublishHints(answer.rtmpPort);
    const { path } = this.#player.status;
    if (path === undefined && this.#streams.length) this.#player.choose(this.#streams[0].path, this.#streams[0]);
    this.#player.inform(this.#find(this.#player.status.path));
  }

  #open(path: string): void {
    const query = new URLSearchParams(location.search);
    query.set("stream", path);
    history.pushState(null, "", `?${query}`.replaceAll("%2F", "/"));
    this.#player.choose(path, this.#find(path));
  }

  #chooseFromAddress(): void {
    const path = new URLSearchParams(location.search).get("stream");
    if (path !== null && isStreamPath(path)) this.#player.choose(path, this.#find(path));
    else this.#show(this.#player.status);
  }

  #show(status: PlayerStatus): void {
    this.#stage.show(status);
    this.#streamList.show(this.#streams, status.path);
    this.#showPlayAddresses(status.path);
    if (status.phase !== "playing" && status.phase !== "stalled") this.#facts.hide();
  }

  #showFacts(): void {
    const { phase, stream } = this.#player.status;
    if (phase === "playing" || phase === "stalled") this.#facts.show(stream);
  }

  #showPlayAddresses(path: string | undefined): void {
    this.#playCard.hidden = path === undefined;
    if (path === undefined || this.#playCard.dataset.path === path) return;
    this.#playCard.dataset.path = path;
    byId("play-addresses", HTMLElement).replaceChildren(...addressItems(playAddresses(path, this.#serverAddress())));
  }

  #showPublishHints(rtmpPort: number | null): void {
    if (this.#server?.rtmpPort === rtmpPort) return;
    this.#server = { page: location, rtmpPort };
    this.#publishCard.open = this.#streams.length === 0;
    this.#playCard.dataset.path = "";
    byId("publish-hints", HTMLElement).replaceChildren(...addressItems(publishHints(PROPOSED_PATH, this.#server)));
  }

  #serverAddress(): ServerAddress {
    return this.#server ?? { page: location, rtmpPort: null };
  }

  #forwardedQuery(): string {
    const query = new URLSearchParams(location.search);
    query.delete("stream");
    return query.size ? `?${query}` : "";
  }

  #find(path: string | undefined): LiveStream | undefined {
    return this.#streams.find((stream) => stream.path === path);
  }
}

new LivePage();
