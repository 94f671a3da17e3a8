/// <reference lib="dom" />
import type { Connection } from "./connection.ts";
import { make } from "./dom.ts";
import { type Fact, factsOf, type Sample } from "./facts.ts";
import { bufferedAhead, latencyAt, rangesOf } from "./live_edge.ts";
import type { LiveStream } from "./live_stream.ts";

/** Shows the statistics of a video element. */
export class FactsView {
  readonly #list: HTMLElement;
  readonly #video: HTMLVideoElement;
  readonly #values = new Map<string, HTMLElement>();
  #last: Sample;

  constructor(list: HTMLElement, video: HTMLVideoElement) {
    this.#list = list;
    this.#video = video;
    this.#last = sampleOf(video);
  }

  /** Takes a sample and shows what changed since the last one. */
  show(stream: LiveStream | undefined, connection?: Connection): void {
    const before = this.#last;
    this.#last = sampleOf(this.#video, connection);
    for (const fact of factsOf(stream, before, this.#last, new Date())) this.#showFact(fact);
    this.#list.hidden = false;
  }

  hide(): void {
    this.#list.hidden = true;
  }

  #showFact([label, value]: Fact): void {
    const element = this.#values.get(label) ?? this.#add(label);
    if (element.textContent !== value) element.textContent = value;
  }

  #add(label: string): HTMLElement {
    const value = make("dd", {});
    this.#list.append(make("div", {}, make("dt", { textContent: label }), value));
    this.#values.set(label, value);
    return value;
  }
}

function sampleOf(video: HTMLVideoElement, connection?: Connection): Sample {
  const ranges = rangesOf(video.buffered);
  const quality = video.getVideoPlaybackQuality();
  return {
    at: performance.now(),
    totalFrames: quality.totalVideoFrames,
    droppedFrames: quality.droppedVideoFrames,
    latency: connection?.latency ?? latencyAt(video.currentTime, ranges),
    buffered: bufferedAhead(video.currentTime, ranges),
    received: connection?.received,
    width: video.videoWidth,
    height: video.videoHeight,
  };
}
