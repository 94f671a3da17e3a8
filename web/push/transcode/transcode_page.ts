/// <reference lib="dom" />
import { byId, showText } from "../../shared/dom.ts";
import { Broadcast } from "../broadcast.ts";
import { CaptureStage } from "../capture/capture_stage.ts";
import { CodecForm } from "../encode/codec_form.ts";
import { combinedFigures } from "./combined_figures.ts";
import { affordable, Ladder } from "./ladder.ts";
import { LiveStatus } from "../live_status.ts";
import { addressOf, PublicationView, type PublishTarget } from "../publication_view.ts";
import { RungsView, type WantedRung } from "./rungs_view.ts";
import { bitrateText } from "../upload/upload_facts.ts";
import type { UplinkStatus } from "../upload/uplink.ts";

/** How often the set of streams is looked at, in milliseconds. */
const LOOK_MS = 500;

/** What is being published: several sizes of one picture, largest first. */
interface Publication {
  readonly broadcast: Broadcast;
  readonly rungs: readonly WantedRung[];
  readonly ladder: Ladder;
  /** Which streams there is room for, as far as is known. */
  readonly isOn: boolean[];
  isMeasured: boolean;
}

/** The page that publishes one source in several sizes. */
export class TranscodePage {
  readonly #publication = new PublicationView("transcode", () => this.#toggle());
  readonly #status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
  readonly #rungs = new RungsView(() => this.#codecs.findCodecs());
  readonly #codecs: CodecForm = new CodecForm("transcode", () => this.#rungs.largest);
  readonly #note = byId("upload-note", HTMLElement);
  readonly #stage = new CaptureStage({
    limits: () => ({ shortSide: this.#rungs.largest, framesPerSecond: this.#codecs.framesPerSecond }),
    broadcast: () => this.#live?.broadcast,
    setEnabled: (isEnabled) => this.#publication.setEnabled(isEnabled),
  });
  #live?: Publication;

  constructor() {
    if (!this.#stage.begin()) return;
    this.#codecs.onChange = () => this.#rungs.showSuggested((shortSide) => this.#codecs.suggested(shortSide));
    addEventListener("pagehide", () => this.#live?.broadcast[Symbol.dispose]());
    setInterval(() => this.#look(), LOOK_MS);
    this.#codecs.open();
  }

  async #toggle(): Promise<void> {
    if (this.#live) return this.#end();
    const target = this.#publication.read();
    const rungs = this.#rungs.wanted((shortSide) => this.#codecs.suggested(shortSide));
    showText(this.#note, rungs.length ? undefined : "Choose at least one size.");
    if (!target || rungs.length === 0) return;
    if (this.#stage.isOpen || await this.#stage.capture()) await this.#goLive(target, rungs);
  }

  async #goLive(target: PublishTarget, rungs: readonly WantedRung[]): Promise<void> {
    const { framesPerSecond, videoCodec: codec, soundCodec } = this.#codecs;
    const paths = rungs.map(({ name }) => `${target.path}_${name}`);
    const broadcast = new Broadcast({
      renditions: rungs.map(({ shortSide, bitrate }, i) => ({
        url: addressOf({ ...target, path: paths[i] }),
        video: { codec, shortSide, framesPerSecond, bitrate },
      })),
      sound: soundCodec,
      framesPerSecond,
      metadata: { encoder: "Sluice multi-bitrate page", framerate: framesPerSecond },
    }, {
      onChange: () => this.#onChange(),
      onFailed: (words) => this.#end(words),
    });
    const isOn = rungs.map((_, i) => i === rungs.length - 1);
    this.#live = { broadcast, rungs, ladder: new Ladder(), isOn, isMeasured: false };
    this.#setOn(true);
    this.#status.follow(this.#summary(broadcast), paths.toReversed());
    try {
      await broadcast.start(rungs.length - 1);
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  /** The smallest stream, which is always on, stands for all; figures are of all together. */
  #summary(broadcast: Broadcast) {
    return {
      get statuses(): UplinkStatus[] {
        return [broadcast.statuses.at(-1)!];
      },
      get figures() {
        return [combinedFigures(broadcast.figures)];
      },
    };
  }

  #onChange(): void {
    const live = this.#live;
    if (!live) return;
    const { phase, words } = live.broadcast.statuses.at(-1)!;
    if (phase === "refused") return this.#end(words, "Refused");
    this.#status.show();
    this.#showStates();
    if (live.isMeasured || phase !== "open") return;
    live.isMeasured = true;
    this.#measure(live);
  }

  /** Measures the upload over the smallest stream, and publishes what there is room for. */
  async #measure(live: Publication): Promise<void> {
    showText(this.#note, "Measuring the upload…");
    const upload = await live.broadcast.measure(live.rungs.length - 1);
    if (this.#live !== live) return;
    showText(this.#note, upload ? `The upload carries about ${bitrateText(upload)}.` : undefined);
    affordable(live.rungs.map(({ bitrate }) => bitrate), upload ?? 0).forEach((fits, i) => {
      if (!fits || live.isOn[i]) return;
      live.isOn[i] = true;
      live.broadcast.switchOn(i);
    });
    this.#showStates();
  }

  #look(): void {
    const live = this.#live;
    if (!live || live.broadcast.statuses.at(-1)!.phase !== "open") return;
    const { figures } = live.broadcast;
    const loads = live.rungs.map(({ bitrate }, i) => ({
      isOn: live.isOn[i],
      share: (figures[i].bitrate ?? bitrate) / bitrate,
    }));
    const step = live.ladder.look(performance.now(), loads);
    if (step === "drop") this.#dropLargest(live);
    else if (step === "measure") this.#measure(live);
    this.#showStates();
  }

  #dropLargest({ broadcast, isOn, rungs }: Publication): void {
    const largest = isOn.indexOf(true);
    isOn[largest] = false;
    broadcast.switchOff(largest);
    showText(this.#note, `The upload became too slow: ${rungs[largest].name}p is left out for now.`);
  }

  #showStates(): void {
    const live = this.#live;
    if (!live) return this.#rungs.showStates(new Map());
    const { statuses, figures } = live.broadcast;
    const states = live.rungs.map(({ name }, i) => [name, stateOf(live, i, statuses[i], figures[i].bitrate)] as const);
    this.#rungs.showStates(new Map(states));
  }

  #end(words?: string, label?: string): void {
    this.#live?.broadcast[Symbol.dispose]();
    this.#live = undefined;
    this.#setOn(false);
    showText(this.#note, undefined);
    this.#status.unfollow(words, label);
    this.#showStates();
  }

  #setOn(isOn: boolean): void {
    this.#publication.setOn(isOn);
    this.#codecs.setEnabled(!isOn);
    this.#rungs.setEnabled(!isOn);
  }
}

function stateOf({ isOn, isMeasured }: Publication, i: number, { phase, words }: UplinkStatus, bitrate = 0): string {
  if (!isOn[i]) return isMeasured ? "left out: the upload is too slow" : "waiting for the measurement";
  switch (phase) {
    case "open":
      return `sent, ${bitrateText(bitrate)}`;
    case "refused":
      return words ?? "refused";
    default:
      return "connecting";
  }
}
