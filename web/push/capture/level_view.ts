/// <reference lib="dom" />
import { byId } from "../../shared/dom.ts";

/** How often the level meter moves, in milliseconds. */
const LEVEL_MS = 100;

/** The quietest that the level meter shows, in decibels. */
const SILENCE = -60;

/** Shows how loud the mix is for as long as the page is open; `takePeak` tells the loudest since it was last asked. */
export function showLevel(takePeak: () => number | undefined): void {
  const level = byId("level", HTMLMeterElement);
  setInterval(() => {
    const peak = Math.max(SILENCE, takePeak() ?? SILENCE);
    level.value = peak;
    level.textContent = peak > SILENCE ? `${Math.round(peak)} dB` : "silent";
  }, LEVEL_MS);
}
