/// <reference lib="dom" />
import { FrameGate } from "./frame_gate.ts";

/** Says when a picture is to be drawn: with the screen's own rhythm, or by the beats it is given while nobody sees the tab. */
export class FramePulse {
  readonly #onFrame: (timestamp: number) => void;
  #gate: FrameGate;

  /** `onFrame` gets the time in microseconds of a monotonic clock. */
  constructor(framesPerSecond: number, onFrame: (timestamp: number) => void) {
    this.#onFrame = onFrame;
    this.#gate = new FrameGate(framesPerSecond);
    const step = () => {
      this.#pulse();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Beats so many times a second from now on. */
  setRate(framesPerSecond: number): void {
    this.#gate = new FrameGate(framesPerSecond);
  }

  /** Called some fifty times a second by something that goes on in the background. */
  beat(): void {
    if (document.hidden) this.#pulse();
  }

  #pulse(): void {
    const now = Math.round(performance.now() * 1000);
    if (this.#gate.takes(now)) this.#onFrame(now);
  }
}
