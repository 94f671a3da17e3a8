/// <reference lib="dom" />
import { make, showText } from "../shared/dom.ts";
import { duration } from "../shared/facts.ts";
import { bitrateText, bytesText } from "../shared/units.ts";
import { confirmButton, permit } from "./confirm_button.ts";
import type { View } from "./keyed_list.ts";
import type { SessionState } from "./shapes.ts";
import type { StreamHost } from "./stream_view.ts";

/** What a row of the table needs of the page. */
export interface SessionHost extends Pick<StreamHost, "mayWrite" | "change"> {
  /** The session's bytes per second; undefined while that is not known. */
  rateOf(id: string): number | undefined;
}

/** One row of the table of sessions. */
export class SessionView implements View<SessionState> {
  readonly element = make("tr", {});
  readonly #host: SessionHost;
  readonly #cells: Readonly<Record<string, HTMLElement>>;
  readonly #kick: HTMLButtonElement;

  constructor(host: SessionHost, { id, remote }: SessionState) {
    this.#host = host;
    this.#kick = confirmButton(
      "Kick",
      `Kick ${remote}`,
      () => host.change("DELETE", `/sessions/${id}`, `kick ${remote}`),
    );
    const names = ["Stream", "Part", "Protocol", "From", "For", "Bytes", "Rate"];
    this.#cells = Object.fromEntries(names.map((name) => [name, cell(name)]));
    this.element.append(...Object.values(this.#cells), make("td", { className: "act" }, this.#kick));
  }

  update(session: SessionState): void {
    const rate = this.#host.rateOf(session.id);
    const texts: Readonly<Record<string, string>> = {
      Stream: session.stream ?? "–",
      Part: session.role === "publish" ? "publishes" : session.role === "play" ? "watches" : "–",
      Protocol: session.protocol,
      From: session.remote,
      For: duration(session.seconds * 1000),
      Bytes: bytesText(session.bytesIn + session.bytesOut),
      Rate: rate === undefined ? "–" : bitrateText(rate * 8),
    };
    for (const [name, text] of Object.entries(texts)) showText(this.#cells[name], text);
    this.#cells.From.title = session.userAgent ?? "";
    permit(this.#kick, this.#host.mayWrite);
  }
}

/** A cell that names itself where there is no room for a head. */
function cell(name: string): HTMLTableCellElement {
  const element = make("td", {});
  element.dataset.name = name;
  return element;
}
