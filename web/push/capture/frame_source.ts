/// <reference lib="dom" />

/** Takes a frame, and closes it when it has done with it. */
export type FrameSink = (frame: VideoFrame) => void;

/** Chromium's way to read a track's frames, which goes on while the tab is in the background. */
type TrackProcessor = new (init: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

/** Hands on the frames of a camera, screen or window until it is disposed. */
export function openFrames(track: MediaStreamTrack, sink: FrameSink): Disposable {
  const { MediaStreamTrackProcessor } = globalThis as { MediaStreamTrackProcessor?: TrackProcessor };
  return MediaStreamTrackProcessor
    ? readFrames(new MediaStreamTrackProcessor({ track }).readable, sink)
    : watchFrames(track, sink);
}

/** Whether frames go on coming while the tab is in the background. */
export function isSteadyInBackground(): boolean {
  return "MediaStreamTrackProcessor" in globalThis;
}

function readFrames(readable: ReadableStream<VideoFrame>, sink: FrameSink): Disposable {
  const reader = readable.getReader();
  let isOver = false;
  const read = async () => {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (isOver) value!.close();
      else sink(value!);
    }
  };
  read().catch(() => {});
  return {
    [Symbol.dispose](): void {
      isOver = true;
      reader.cancel().catch(() => {});
    },
  };
}

/** For browsers without the processor: an element plays the track, and each frame that it shows is taken. */
function watchFrames(track: MediaStreamTrack, sink: FrameSink): Disposable {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => {});
  let handle = 0;
  const take: VideoFrameRequestCallback = (now) => {
    sink(new VideoFrame(video, { timestamp: Math.round(now * 1000) }));
    handle = video.requestVideoFrameCallback(take);
  };
  handle = video.requestVideoFrameCallback(take);
  return {
    [Symbol.dispose](): void {
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
    },
  };
}
