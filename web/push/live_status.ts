/// <reference lib="dom" />
import type { Fact } from "../shared/facts.ts";
import { LiveList } from "../shared/live_list.ts";
import type { LiveStream } from "../shared/live_stream.ts";
import { FactsList } from "../shared/facts_list.ts";
import type { PublicationView } from "./publication_view.ts";
import { describePublication } from "./push_words.ts";
import type { RenditionFigures } from "./upload/rendition.ts";
import type { UplinkPhase, UplinkStatus } from "./upload/uplink.ts";
import { audienceFacts, uploadFacts } from "./upload/upload_facts.ts";

/** How often figures are renewed, in milliseconds. */
const FIGURES_MS = 1000;

/** After so long a stream that was let in is listed, in milliseconds. */
const LISTED_MS = 600;

/** As much of what is being published as is shown. */
export interface Published {
  readonly statuses: readonly UplinkStatus[];
  readonly figures: readonly RenditionFigures[];
}

/** Shows, for as long as a page is open, how what it publishes is doing. */
export class LiveStatus {
  readonly #view: PublicationView;
  readonly #facts: FactsList;
  readonly #list: LiveList;
  #published?: Published;
  #phase?: UplinkPhase;
  #paths: readonly string[] = [];
  #startedAt?: number;
  #before?: RenditionFigures;
  #streams: readonly LiveStream[] = [];
  #rtmpPort: number | null = null;
  #words?: string;
  #label = "";

  constructor(view: PublicationView, facts: HTMLElement) {
    this.#view = view;
    this.#facts = new FactsList(facts);
    this.#list = new LiveList((answer) => {
      this.#streams = answer?.streams ?? [];
      this.#rtmpPort = answer?.rtmpPort ?? null;
      this.show();
    });
    setInterval(() => this.#showFigures(), FIGURES_MS);
  }

  /** From now on this is what is published, under these names. */
  follow(published: Published, paths: readonly string[]): void {
    this.#published = published;
    this.#paths = paths;
    this.#words = undefined;
    this.#startedAt = undefined;
    this.#before = undefined;
    this.show();
  }

  /** Nothing is published any more; `words` say why, where the person did not end it, `label` in one. */
  unfollow(words?: string, label = "Failed"): void {
    this.#label = label;
    this.#published = undefined;
    this.#paths = [];
    this.#words = words;
    this.#facts.hide();
    this.show();
  }

  /** Shows what has changed. */
  show(): void {
    const status: UplinkStatus = this.#published?.statuses[0] ?? { phase: "idle" };
    const words = describePublication({ status, isListed: this.#isListed() });
    if (words.tone === "live") this.#startedAt ??= performance.now();
    else if (status.phase === "open" && this.#phase !== "open") setTimeout(() => this.#list.refresh(), LISTED_MS);
    this.#phase = status.phase;
    this.#view.show(this.#words ? { tone: "trouble", label: this.#label, title: this.#words } : words);
    this.#view.showAddresses(this.#published ? this.#paths : [], this.#rtmpPort);
  }

  #isListed(): boolean {
    return this.#streams.some(({ path, publisher }) => path === this.#paths[0] && publisher);
  }

  #showFigures(): void {
    const now = this.#published?.figures[0];
    if (!now) return;
    const stream = this.#streams.find(({ path }) => path === this.#paths[0]);
    const since = this.#startedAt === undefined ? undefined : now.at - this.#startedAt;
    const facts: Fact[] = [...uploadFacts(this.#before ?? now, now), ...audienceFacts(since, stream?.viewers)];
    this.#before = now;
    this.#facts.show(facts);
  }
}
