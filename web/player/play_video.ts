/// <reference lib="dom" />

/** Plays with sound where the browser allows it, else without: it allows sound only after a click. */
export async function play(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if ((error as DOMException).name !== "NotAllowedError" || video.muted) return;
    video.muted = true;
    await video.play().catch(() => {});
  }
}
