/// <reference lib="dom" />
import { addressItems } from "../shared/address_items.ts";
import { byId, make, showText } from "../shared/dom.ts";
import { duration, type Fact } from "../shared/facts.ts";
import { isStreamPath } from "../shared/live_stream.ts";
import { FactsList } from "../shared/facts_list.ts";
import { StageView } from "../watch/stage_view.ts";
import { bytesText } from "../shared/units.ts";
import type { Words } from "../shared/words.ts";
import { Durations } from "./durations.ts";
import { FilePlayer } from "./file_player.ts";
import { fetchRecordings, type Recording, type RecordingKind, type RecordingPage, recordingUrl } from "./recording.ts";
import { RecordingListView, timeText } from "./recording_list_view.ts";
import { describeRecordings } from "./recording_words.ts";

/** How often the list is renewed, in milliseconds. */
const POLL_MS = 10_000;

/** So many more recordings are shown each time. */
const STEP = 20;

/** As many as the server gives at once. */
const MOST = 1000;

/** A page that lists recordings of one kind and plays one; `?file=PATH` chooses it, `?stream=app/name` narrows the list. */
export class RecordingsPage {
  readonly #kind: RecordingKind;
  readonly #stage = new StageView(() => this.#current && this.#play(this.#current));
  readonly #durations = new Durations(() => this.#showList());
  readonly #view = new RecordingListView(
    byId("recordings", HTMLElement),
    (recording) => this.#durations.of(recording),
    (path) => this.#open(path),
  );
  readonly #facts = new FactsList(byId("facts", HTMLElement));
  readonly #filter = byId("filter", HTMLInputElement);
  readonly #more = byId("more", HTMLButtonElement);
  #page?: RecordingPage;
  #current?: string;
  #player?: FilePlayer;
  #limit = STEP;
  #asking?: AbortController;
  #timer?: ReturnType<typeof setTimeout>;

  constructor(kind: RecordingKind) {
    this.#kind = kind;
    this.#listen();
    this.#chooseFromAddress();
    this.#refresh();
  }

  #listen(): void {
    this.#filter.addEventListener("change", () => this.#narrow());
    this.#more.addEventListener("click", () => {
      this.#limit = Math.min(MOST, this.#limit + STEP);
      this.#refresh();
    });
    this.#stage.video.addEventListener("playing", () => this.#show("playing"));
    this.#stage.video.addEventListener("loadedmetadata", () => this.#showFacts());
    addEventListener("popstate", () => {
      this.#chooseFromAddress();
      this.#refresh();
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.#refresh());
  }

  #chooseFromAddress(): void {
    const query = new URLSearchParams(location.search);
    const stream = query.get("stream") ?? "";
    this.#filter.value = isStreamPath(stream) ? stream : "";
    const file = query.get("file");
    if (file?.startsWith(`/${this.#kind}/`) && file !== this.#current) this.#play(file);
    else if (file === null && this.#current !== undefined) this.#close();
  }

  #narrow(): void {
    const stream = this.#filter.value.trim();
    this.#filter.setCustomValidity(
      stream === "" || isStreamPath(stream) ? "" : "A stream is app/name, such as live/cam",
    );
    if (!this.#filter.reportValidity()) return;
    this.#limit = STEP;
    this.#remember({ stream });
    this.#refresh();
  }

  #open(path: string): void {
    this.#remember({ file: path });
    this.#play(path);
  }

  #remember(changes: Readonly<Record<string, string>>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
    history.pushState(null, "", query.size ? `?${query}`.replaceAll("%2F", "/") : location.pathname);
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = this.#asking = new AbortController();
    const page = await fetchRecordings(this.#kind, this.#filter.value.trim(), this.#limit, asking.signal);
    if (asking.signal.aborted) return;
    if (page) this.#page = page;
    this.#showList(page === undefined);
    if (!document.hidden) this.#timer = setTimeout(() => this.#refresh(), POLL_MS);
  }

  #showList(isUnreachable = false): void {
    const { recordings = [], total = 0 } = this.#page ?? {};
    this.#view.show(recordings, this.#current);
    this.#more.hidden = recordings.length >= Math.min(total, MOST);
    showText(
      byId("recordings-note", HTMLElement),
      isUnreachable ? "The server does not answer. Trying again…" : countText(total),
    );
    const streams = new Set(recordings.map(({ stream }) => stream));
    byId("streams", HTMLDataListElement).replaceChildren(...Array.from(streams, (value) => make("option", { value })));
    if (this.#current === undefined) this.#show(!this.#page ? "loading" : total ? "choose" : "none");
    else this.#showFacts();
  }

  #play(path: string): void {
    this.#player?.[Symbol.dispose]();
    this.#current = path;
    this.#show("opening");
    this.#player = new FilePlayer(this.#stage.video, this.#kind, recordingUrl(path), (failure) => this.#show(failure));
    this.#view.show(this.#page?.recordings ?? [], path);
    this.#showFacts();
    const address = recordingUrl(path);
    byId("file-card", HTMLElement).hidden = false;
    byId("file-addresses", HTMLElement).replaceChildren(...addressItems([{ label: "Address", text: address }]));
    Object.assign(byId("download", HTMLAnchorElement), { href: address, download: path.split("/").slice(2).join("_") });
  }

  /** Nothing is chosen any more. */
  #close(): void {
    this.#player?.[Symbol.dispose]();
    this.#player = undefined;
    this.#current = undefined;
    byId("file-card", HTMLElement).hidden = true;
    this.#showFacts();
    this.#showList();
  }

  #show(what: "playing" | Parameters<typeof describeRecordings>[0]): void {
    const label = this.#recording?.isWritten ? "Being recorded" : "Recorded";
    const words: Words = what === "playing"
      ? { tone: "quiet", label }
      : describeRecordings(what, this.#filter.value.trim());
    this.#stage.show({
      words,
      name: this.#recording?.stream ?? "Recordings",
      isPlaying: what === "playing",
      hasSound: true,
      hasPicture: true,
    });
  }

  get #recording(): Recording | undefined {
    return this.#page?.recordings.find(({ path }) => path === this.#current);
  }

  #showFacts(): void {
    const recording = this.#recording;
    const { videoWidth, videoHeight, duration: seconds } = this.#stage.video;
    const facts: Fact[] = [
      ["Recorded", recording ? timeText(recording) : "–"],
      ["Length", Number.isFinite(seconds) ? duration(seconds * 1000) : "–"],
      ["Picture", videoWidth ? `${videoWidth} × ${videoHeight}` : "–"],
      ["Size", recording ? bytesText(recording.bytes) : "–"],
      ["State", recording?.isWritten ? "being recorded" : "complete"],
    ];
    if (this.#current === undefined) this.#facts.hide();
    else this.#facts.show(facts);
  }
}

function countText(total: number): string {
  if (total === 0) return "No recording is there.";
  return total === 1 ? "1 recording" : `${total} recordings, the newest first`;
}
