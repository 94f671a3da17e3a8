/// <reference lib="dom" />
import type { Connection } from "../player/connection.ts";
import { factsOf, type Sample } from "../shared/facts.ts";
import { bufferedAhead, latencyAt, rangesOf } from "../player/live_edge.ts";
import type { LiveStream } from "../shared/live_stream.ts";
import { FactsList } from "../shared/facts_list.ts";

/** Shows the statistics of a video element. */
export class FactsView {
  readonly #list: FactsList;
  readonly #video: HTMLVideoElement;
  #last: Sample;

  constructor(list: HTMLElement, video: HTMLVideoElement) {
    this.#list = new FactsList(list);
    this.#video = video;
    this.#last = sampleOf(video);
  }

  /** Takes a sample and shows what changed since the last one. */
  show(stream: LiveStream | undefined, connection?: Connection): void {
    const before = this.#last;
    this.#last = sampleOf(this.#video, connection);
    this.#list.show(factsOf(stream, before, this.#last, new Date()));
  }

  hide(): void {
    this.#list.hide();
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
