/// <reference lib="dom" />
import { breakable, make, showText } from "../shared/dom.ts";
import { bitrateText } from "../shared/units.ts";
import { confirmButton, permit, READ_ONLY } from "./confirm_button.ts";
import type { View } from "./keyed_list.ts";
import { Series } from "./series.ts";
import type { SinkState, StreamState } from "./shapes.ts";
import { Sparkline } from "./sparkline.ts";
import { audienceText, streamPath, tracksText } from "./stream_words.ts";

/** What the view of a stream needs of the page. */
export interface StreamHost {
  /** The plugins that can write streams down. */
  readonly sinks: readonly string[];
  readonly mayWrite: boolean;
  /** Changes something; `what` says it in words, for when it fails. */
  change(method: "PUT" | "DELETE", path: string, what: string): void;
}

const TONES = { live: "live", interrupted: "waiting", waiting: "waiting", ended: "quiet" } as const;
const LABELS = { live: "Live", interrupted: "Interrupted", waiting: "Awaited", ended: "Ended" } as const;

/** One stream: what it is, its bit rate over time, and what can be done with it. */
export class StreamView implements View<StreamState> {
  readonly element = make("li", { className: "stream" });
  readonly #host: StreamHost;
  readonly #badge = make("span", { className: "badge" });
  readonly #tracks = make("p", { className: "note" });
  readonly #audience = make("p", { className: "note" });
  readonly #rate = make("strong", { className: "rate" });
  readonly #series = new Series();
  readonly #spark = new Sparkline(this.#series);
  readonly #sinks = make("div", { className: "sinks" });
  readonly #toggles = new Map<string, HTMLButtonElement>();
  readonly #stop: HTMLButtonElement;
  #stream: StreamState;

  constructor(host: StreamHost, stream: StreamState) {
    this.#host = host;
    this.#stream = stream;
    const { id } = stream;
    this.#stop = confirmButton(
      "Stop",
      `Stop ${id}`,
      () => host.change("DELETE", streamPath(this.#stream), `stop ${id}`),
    );
    const link = make("a", { href: `/index.html?stream=${id}` }, ...breakable(id));
    this.#sinks.setAttribute("role", "group");
    this.#sinks.setAttribute("aria-label", `What writes ${id}`);
    this.element.append(
      make("h3", {}, link, this.#badge),
      this.#tracks,
      make("div", { className: "chart" }, this.#rate, this.#spark.element),
      this.#audience,
      make("div", { className: "actions" }, this.#sinks, this.#stop),
    );
  }

  update(stream: StreamState): void {
    this.#stream = stream;
    const bitrate = stream.bitrate["1s"];
    showText(this.#badge, LABELS[stream.state]);
    this.#badge.dataset.tone = TONES[stream.state];
    showText(this.#tracks, tracksText(stream.tracks));
    showText(this.#audience, audienceText(stream));
    showText(this.#rate, bitrateText(bitrate));
    this.#series.add(Date.now() / 1000, bitrate);
    this.#spark.update();
    for (const name of this.#host.sinks) this.#showSink(name, stream.sinks.find(({ sink }) => sink === name));
    permit(this.#stop, this.#host.mayWrite);
  }

  #showSink(name: string, run: SinkState | undefined): void {
    const toggle = this.#toggles.get(name) ?? this.#addToggle(name);
    toggle.setAttribute("aria-pressed", String(run !== undefined));
    toggle.dataset.state = run?.state ?? "off";
    permit(toggle, this.#host.mayWrite);
    if (this.#host.mayWrite) toggle.title = run?.problem ?? (run ? "Stop writing" : "Write it down");
    else toggle.title = READ_ONLY;
  }

  #addToggle(name: string): HTMLButtonElement {
    const toggle = make("button", { type: "button", className: "toggle", textContent: name });
    toggle.addEventListener("click", () => {
      const isOn = toggle.getAttribute("aria-pressed") === "true";
      const path = streamPath(this.#stream, `/sinks/${name}`);
      this.#host.change(isOn ? "DELETE" : "PUT", path, `${isOn ? "stop" : "start"} ${name} for ${this.#stream.id}`);
    });
    this.#toggles.set(name, toggle);
    this.#sinks.append(toggle);
    return toggle;
  }
}
