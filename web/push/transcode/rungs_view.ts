/// <reference lib="dom" />
import { byId, make } from "../../shared/dom.ts";
import { keepField } from "../keep_field.ts";
import { type Rung, RUNGS } from "./ladder.ts";

/** The sizes that are chosen at first. */
const FIRST_CHOSEN = ["720", "480", "360"];

/** The lowest bit rate that is taken from the form, in kbit/s. */
const MIN_KILOBITS = 100;

/** A size that is wanted. */
export interface WantedRung extends Rung {
  /** In bits per second. */
  readonly bitrate: number;
}

/** What is shown of a size. */
interface Row {
  readonly rung: Rung;
  readonly check: HTMLInputElement;
  readonly bitrate: HTMLInputElement;
  readonly state: HTMLElement;
}

/** The choice of sizes with their bit rates, and how each is doing. */
export class RungsView {
  readonly #fields = byId("rungs", HTMLFieldSetElement);
  readonly #rows: readonly Row[];

  /** `onChange` is called when other sizes are chosen. */
  constructor(onChange: () => void) {
    this.#rows = RUNGS.map((rung) => {
      const check = make("input", { type: "checkbox", checked: FIRST_CHOSEN.includes(rung.name) });
      const bitrate = make("input", { type: "number", min: String(MIN_KILOBITS), max: "50000", step: "100" });
      bitrate.setAttribute("aria-label", `Bit rate of ${rung.name}p in kbit/s`);
      const state = make("span", { className: "note rung-state" });
      keepField(check, `transcode:${rung.name}`);
      keepField(bitrate, `transcode:${rung.name}:bitrate`);
      check.addEventListener("change", onChange);
      const label = make("label", { className: "check" }, check, ` ${rung.name}p`);
      this.#fields.append(make("div", { className: "rung" }, label, bitrate, state));
      return { rung, check, bitrate, state };
    });
  }

  /** The largest side that is wanted, in pixels. */
  get largest(): number {
    return this.#rows.find(({ check }) => check.checked)?.rung.shortSide ?? RUNGS[0].shortSide;
  }

  /** What is wanted, largest first; `suggested` tells a bit rate for a size whose own is not chosen. */
  wanted(suggested: (shortSide: number) => number): WantedRung[] {
    return this.#rows.filter(({ check }) => check.checked).map(({ rung, bitrate }) => {
      const chosen = Number(bitrate.value);
      return { ...rung, bitrate: chosen >= MIN_KILOBITS ? chosen * 1000 : suggested(rung.shortSide) };
    });
  }

  /** Shows the bit rates that are taken where none is chosen. */
  showSuggested(suggested: (shortSide: number) => number): void {
    for (const { rung, bitrate } of this.#rows) bitrate.placeholder = String(suggested(rung.shortSide) / 1000);
  }

  /** Says how a size is doing; nothing of those that are not named. */
  showStates(states: ReadonlyMap<string, string>): void {
    for (const { rung, state } of this.#rows) {
      const text = states.get(rung.name) ?? "";
      if (state.textContent !== text) state.textContent = text;
    }
  }

  setEnabled(isEnabled: boolean): void {
    this.#fields.disabled = !isEnabled;
  }
}
