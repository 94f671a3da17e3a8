/// <reference lib="dom" />
import { CaptureStage } from "./capture/capture_stage.ts";
import { SingleStream } from "./single_stream.ts";

/** The page that publishes a screen, a camera and a microphone. */
export class PushPage {
  readonly #stream = new SingleStream({
    page: "push",
    encoder: "Sluice push page",
    isReady: async () => this.#stage.isOpen || await this.#stage.capture(),
    onBegin: () => Promise.resolve(),
  });
  readonly #stage: CaptureStage = new CaptureStage({
    limits: () => {
      const { shortSide, codecs: { framesPerSecond } } = this.#stream.quality;
      return { shortSide, framesPerSecond };
    },
    broadcast: () => this.#stream.broadcast,
    setEnabled: (isEnabled) => this.#stream.setEnabled(isEnabled),
  });

  constructor() {
    if (this.#stage.begin()) this.#stream.open();
  }
}
