/// <reference lib="dom" />
import { AudioMixer } from "./audio_mixer.ts";

/** How often timers tick, in milliseconds; about as often as an audio graph hands out blocks. */
const TICK_MS = 20;

/**
 * Calls back some fifty times a second until it is disposed, in the background too where the browser lets it.
 *
 * Timers nearly stand still in a tab that nobody sees; an audio graph does not. Pages that did not come over HTTPS have
 * none and get timers.
 */
export async function openTicker(onTick: () => void): Promise<Disposable> {
  try {
    const mixer = await AudioMixer.open();
    mixer.onBlock = onTick;
    return mixer;
  } catch {
    const timer = setInterval(onTick, TICK_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}
