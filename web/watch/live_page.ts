/// <reference lib="dom" />
import type { Address, ServerAddress } from "../shared/addresses.ts";
import type { Connect } from "../player/connection.ts";
import { addressItems } from "../shared/address_items.ts";
import { byId } from "../shared/dom.ts";
import { FactsView } from "./facts_view.ts";
import { LiveList } from "../shared/live_list.ts";
import { LivePlayer, type PlayerStatus } from "../player/live_player.ts";
import { isStreamPath, type LiveAnswer, type LiveStream } from "../shared/live_stream.ts";
import { StageView } from "./stage_view.ts";
import { StreamListView } from "./stream_list_view.ts";
import { forwardedQuery } from "../shared/forwarded_query.ts";

/** How often the statistics are renewed, in milliseconds. */
const FACTS_MS = 1000;

/** What tells a page that plays live streams from others. */
export interface LivePageParts {
  /** Plays a stream on the page's video element. */
  connect(video: HTMLVideoElement): Connect;
  /** Where a stream is; `query` is sent along, for keys and tokens. */
  address(path: string, server: ServerAddress, query: string): string;
  /** The name of a codec in the stream that the browser cannot play; undefined when it can play all. */
  unplayable(stream: LiveStream): string | undefined;
  /** The addresses to copy. */
  addresses(path: string, server: ServerAddress): readonly Address[];
  /** Called when the page learns where encoders publish, and whether anything is live. */
  onServer?(server: ServerAddress, hasStreams: boolean): void;
}

/**
 * A page that lists what is live and plays one stream of it.
 *
 * `?stream=app/name` chooses a stream; other parameters than its own go along to the server.
 */
export class LivePage {
  readonly player: LivePlayer;
  readonly #parts: LivePageParts;
  readonly #stage = new StageView(() => this.player.reconnect());
  readonly #streamList = new StreamListView(byId("streams", HTMLElement), byId("streams-note", HTMLElement), (path) => {
    this.#open(path);
  });
  readonly #facts = new FactsView(byId("facts", HTMLElement), this.#stage.video);
  readonly #playCard = byId("play-card", HTMLElement);
  readonly #list: LiveList;
  #streams: readonly LiveStream[] = [];
  #server?: ServerAddress;
  #pausedUnseen = false;

  constructor(parts: LivePageParts) {
    this.#parts = parts;
    this.player = new LivePlayer({
      connect: parts.connect(this.#stage.video),
      address: (path) => parts.address(path, this.#serverAddress(), forwardedQuery(location.search)),
      unplayable: (stream) => parts.unplayable(stream),
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
    video.addEventListener("pause", () => {
      this.#pausedUnseen = document.hidden;
      this.player.pause();
    });
    video.addEventListener("play", () => this.player.resume());
    addEventListener("popstate", () => this.#chooseFromAddress());
    document.addEventListener("visibilitychange", () => this.#onSeenAgain());
  }

  /** Browsers pause what nobody sees: whoever comes back did not pause it. */
  #onSeenAgain(): void {
    if (document.hidden || !this.#pausedUnseen) return;
    this.#pausedUnseen = false;
    if (this.player.status.phase === "resting") this.player.reconnect();
    else if (this.#stage.video.paused) this.#stage.video.play().catch(() => {});
  }

  #onAnswer(answer: LiveAnswer | undefined): void {
    if (!answer) {
      this.#streamList.showUnreachable();
      return this.player.miss();
    }
    this.#streams = answer.streams;
    this.#learn(answer.rtmpPort);
    const { path } = this.player.status;
    if (path === undefined && this.#streams.length) this.player.choose(this.#streams[0].path, this.#streams[0]);
    this.player.inform(this.#find(this.player.status.path));
  }

  #open(path: string): void {
    const query = new URLSearchParams(location.search);
    query.set("stream", path);
    history.pushState(null, "", `?${query}`.replaceAll("%2F", "/"));
    this.player.choose(path, this.#find(path));
  }

  #chooseFromAddress(): void {
    const wanted = new URLSearchParams(location.search).get("stream");
    const path = wanted !== null && isStreamPath(wanted) ? wanted : this.#streams[0]?.path;
    if (path !== undefined) this.player.choose(path, this.#find(path));
    else this.#show(this.player.status);
  }

  #show(status: PlayerStatus): void {
    this.#stage.showStatus(status);
    this.#streamList.show(this.#streams, status.path);
    this.#showAddresses(status.path);
    if (status.phase !== "playing" && status.phase !== "stalled") this.#facts.hide();
  }

  #showFacts(): void {
    const { phase, stream } = this.player.status;
    if (phase === "playing" || phase === "stalled") this.#facts.show(stream, this.player.connection);
  }

  #showAddresses(path: string | undefined): void {
    this.#playCard.hidden = path === undefined;
    if (path === undefined || this.#playCard.dataset.path === path) return;
    this.#playCard.dataset.path = path;
    const addresses = this.#parts.addresses(path, this.#serverAddress());
    byId("play-addresses", HTMLElement).replaceChildren(...addressItems(addresses));
  }

  #learn(rtmpPort: number | null): void {
    if (this.#server?.rtmpPort === rtmpPort) return;
    this.#server = { page: location, rtmpPort };
    this.#playCard.dataset.path = "";
    this.#parts.onServer?.(this.#server, this.#streams.length > 0);
  }

  #serverAddress(): ServerAddress {
    return this.#server ?? { page: location, rtmpPort: null };
  }

  #find(path: string | undefined): LiveStream | undefined {
    return this.#streams.find((stream) => stream.path === path);
  }
}
