/// <reference lib="dom" />
import { codecName } from "../shared/codec_names.ts";
import { breakable, make, showText } from "../shared/dom.ts";
import type { LiveStream } from "../shared/live_stream.ts";

/** Shows what is live, as links that choose a stream. */
export class StreamListView {
  readonly #list: HTMLElement;
  readonly #note: HTMLElement;
  readonly #links = new Map<string, HTMLAnchorElement>();

  /** `onChoose` gets the path of the stream that the viewer clicks. */
  constructor(list: HTMLElement, note: HTMLElement, onChoose: (path: string) => void) {
    this.#list = list;
    this.#note = note;
    list.addEventListener("click", (event) => {
      const link = (event.target as Element).closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(link.dataset.path!);
    });
  }

  /** Shows these streams, `current` as the chosen one; links that stay keep the keyboard's focus. */
  show(streams: readonly LiveStream[], current: string | undefined): void {
    for (const [path, link] of this.#links) {
      if (streams.some((stream) => stream.path === path)) continue;
      link.parentElement?.remove();
      this.#links.delete(path);
    }
    for (const stream of streams) this.#showStream(stream, current);
    showText(this.#note, streams.length ? undefined : "Nothing is live just now.");
  }

  /** Says that the server does not answer; what was shown stays. */
  showUnreachable(): void {
    showText(this.#note, "The server does not answer. Trying again…");
  }

  #showStream(stream: LiveStream, current: string | undefined): void {
    const link = this.#links.get(stream.path) ?? this.#add(stream.path);
    showText(link.lastElementChild as HTMLElement, summary(stream));
    if (stream.path === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }

  #add(path: string): HTMLAnchorElement {
    const link = make("a", { href: `?stream=${path}` }, make("strong", {}, ...breakable(path)), make("small", {}));
    link.dataset.path = path;
    this.#list.append(make("li", {}, link));
    this.#links.set(path, link);
    return link;
  }
}

/** `H.264 1280 × 720 · AAC · 3 viewers`. */
function summary({ state, video, audio, viewers }: LiveStream): string {
  const size = video?.width && video.height ? ` ${video.width} × ${video.height}` : "";
  return [
    state === "interrupted" ? "interrupted" : "",
    video ? `${codecName(video.codec)}${size}` : "",
    audio ? codecName(audio.codec) : "",
    viewers === 1 ? "1 viewer" : `${viewers} viewers`,
  ].filter(Boolean).join(" · ");
}
