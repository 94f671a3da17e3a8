/// <reference lib="dom" />
import { breakable, byId, make, showText } from "../shared/dom.ts";
import { duration, type Fact } from "../shared/facts.ts";
import { bufferedAhead, rangesOf } from "../player/live_edge.ts";
import { LiveList } from "../shared/live_list.ts";
import { isStreamPath, type LiveStream } from "../shared/live_stream.ts";
import { FactsList } from "../shared/facts_list.ts";
import { fetchRecordings } from "../recordings/recording.ts";
import { StageView } from "../watch/stage_view.ts";
import { StreamListView } from "../watch/stream_list_view.ts";
import { bytesText, momentText } from "../shared/units.ts";
import { forwardedQuery } from "../shared/forwarded_query.ts";
import { folderOf, spanOf, type Variant } from "./segment_places.ts";
import { describeSegments, type SegmentPhase } from "./segment_words.ts";
import { SegmentPlayer } from "./segment_player.ts";

/** How often the statistics are renewed, in milliseconds. */
const FACTS_MS = 1000;

/** What may be over when the stream is live. */
const RETRIED: readonly SegmentPhase[] = ["absent", "full", "lost", "broken"];

/** So many recordings are looked through for streams that are not live. */
const LOOKED_THROUGH = 200;

/**
 * The page that plays fMP4 segments, merged or separate, from the beginning or live.
 *
 * `?stream=app/name`, `&variant=separate` and `&from=live` say which and how.
 */
export class SegmentsPage {
  readonly #stage = new StageView(() => this.#open());
  readonly #facts = new FactsList(byId("facts", HTMLElement));
  readonly #live: StreamListView;
  #streams: readonly LiveStream[] = [];
  #ended: readonly string[] = [];
  #path?: string;
  #variant: Variant = "merge";
  #from: "beginning" | "live" = "beginning";
  #phase: SegmentPhase = "idle";
  #detail = "";
  #player?: SegmentPlayer;

  constructor() {
    this.#live = new StreamListView(
      byId("streams", HTMLElement),
      byId("streams-note", HTMLElement),
      (path) => this.#choose(path),
    );
    this.#listen();
    this.#readAddress();
    new LiveList((answer) => {
      if (!answer) return this.#live.showUnreachable();
      this.#streams = answer.streams;
      this.#pickFirst();
      if (this.#isWorthAnotherTry()) this.#open();
      else this.#show();
    });
    this.#findEnded();
    setInterval(() => this.#showFacts(), FACTS_MS);
  }

  #listen(): void {
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=variant], input[name=from]")) {
      input.addEventListener("change", () => {
        if (input.name === "variant") this.#variant = input.value as Variant;
        else this.#from = input.value as "beginning" | "live";
        this.#writeAddress();
        this.#open();
      });
    }
    byId("ended", HTMLElement).addEventListener("click", (event) => {
      const link = (event.target as Element).closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#choose(link.dataset.path!);
    });
    addEventListener("popstate", () => this.#readAddress());
  }

  #readAddress(): void {
    const query = new URLSearchParams(location.search);
    const path = query.get("stream");
    this.#variant = query.get("variant") === "separate" ? "separate" : "merge";
    this.#from = query.get("from") === "live" ? "live" : "beginning";
    for (const value of [this.#variant, this.#from]) {
      document.querySelector<HTMLInputElement>(`.caption input[value=${value}]`)!.checked = true;
    }
    this.#path = path !== null && isStreamPath(path) ? path : this.#first;
    this.#open();
  }

  #writeAddress(): void {
    const query = new URLSearchParams(location.search);
    query.set("stream", this.#path ?? "");
    query.set("variant", this.#variant);
    query.set("from", this.#from);
    history.pushState(null, "", `?${query}`.replaceAll("%2F", "/"));
  }

  #choose(path: string): void {
    this.#path = path;
    this.#writeAddress();
    this.#open();
  }

  #pickFirst(): void {
    if (this.#path !== undefined) return;
    this.#path = this.#first;
    this.#open();
  }

  /** What is played where nobody says what. */
  get #first(): string | undefined {
    return this.#streams[0]?.path ?? this.#ended[0];
  }

  /** Segments come a moment after their stream; after the end of what was followed live, another session may have begun. */
  #isWorthAnotherTry(): boolean {
    const isLive = this.#streams.some(({ path, state }) => path === this.#path && state === "live");
    return isLive && (RETRIED.includes(this.#phase) || this.#phase === "ended" && this.#from === "live");
  }

  async #findEnded(): Promise<void> {
    const page = await fetchRecordings("mp4", "", LOOKED_THROUGH, new AbortController().signal);
    this.#ended = [...new Set(page?.recordings.map(({ stream }) => stream))].filter(isStreamPath);
    byId("ended-card", HTMLElement).hidden = this.#ended.length === 0;
    byId("ended", HTMLElement).replaceChildren(...this.#ended.map((path) => {
      const link = make("a", { href: `?stream=${path}` }, make("strong", {}, ...breakable(path)));
      link.dataset.path = path;
      return make("li", {}, link);
    }));
    this.#pickFirst();
    this.#show();
  }

  #open(): void {
    this.#player?.[Symbol.dispose]();
    this.#player = undefined;
    if (this.#path === undefined) return this.#enter("idle");
    this.#enter("opening");
    const request = {
      folder: folderOf(this.#path, this.#variant),
      query: forwardedQuery(location.search),
      from: this.#from,
    };
    this.#player = new SegmentPlayer(this.#stage.video, request, {
      onPlaying: () => this.#enter("playing"),
      onStalled: () => this.#phase === "playing" && this.#enter("stalled"),
      onEnded: () => this.#enter("ended"),
      onFailed: ({ kind, detail }) => this.#enter(kind, detail),
    });
  }

  #enter(phase: SegmentPhase, detail = ""): void {
    this.#phase = phase;
    this.#detail = detail;
    this.#show();
  }

  #show(): void {
    const isLive = this.#player?.index?.state === "live" && this.#from === "live";
    this.#live.show(this.#streams, this.#path);
    for (const link of byId("ended", HTMLElement).querySelectorAll<HTMLAnchorElement>("a")) {
      if (link.dataset.path === this.#path) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.#stage.show({
      words: describeSegments(this.#phase, this.#path ?? "", this.#detail, isLive),
      name: this.#path ?? "fMP4",
      isPlaying: this.#phase === "playing",
      hasSound: true,
      hasPicture: true,
    });
    const folder = this.#path && new URL(folderOf(this.#path, this.#variant), location.href).href;
    showText(byId("folder", HTMLElement), folder && `${folder}index.json`);
  }

  #showFacts(): void {
    const index = this.#player?.index;
    const span = index && spanOf(index);
    if (!this.#player || !index || !span) return this.#facts.hide();
    const { currentTime, buffered, videoWidth, videoHeight } = this.#stage.video;
    const facts: Fact[] = [
      ["Session", momentText(new Date(index.startedAt))],
      ["State", index.state === "live" ? "live" : "ended"],
      ["Length", duration((span.end - span.start) * 1000)],
      ["Position", duration((currentTime - span.start) * 1000)],
      ["Behind the live edge", index.state === "live" ? `${Math.max(0, span.end - currentTime).toFixed(1)} s` : "–"],
      ["Buffer", `${bufferedAhead(currentTime, rangesOf(buffered)).toFixed(1)} s`],
      ["Picture", videoWidth ? `${videoWidth} × ${videoHeight}` : "–"],
      ["Sources", index.sources.map(({ name }) => name).join(", ")],
      ["Received", `${bytesText(this.#player.received)} in ${this.#player.segments} segments`],
      ["Dropped frames", String(this.#stage.video.getVideoPlaybackQuality().droppedVideoFrames)],
    ];
    this.#facts.show(facts);
  }
}
