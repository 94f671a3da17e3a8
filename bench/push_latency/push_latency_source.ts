/// <reference lib="dom" />
/**
 * Runs in a browser's page before its own scripts: gives it a screen with a clock on it.
 *
 * @module
 */
import { drawTime, HEIGHT, WIDTH } from "./push_latency_code.ts";

navigator.mediaDevices.getDisplayMedia = () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d")!;
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks() as CanvasCaptureMediaStreamTrack[];
  setInterval(() => {
    drawTime(context);
    track.requestFrame();
  }, 1000 / 30);
  return Promise.resolve(stream);
};
