/// <reference lib="dom" />
import { codecName } from "../../shared/codec_names.ts";
import { describeCodec } from "../../../media/codec/describe.ts";
import { parseTagBody } from "../../../media/flv/body.ts";
import { TAG_VIDEO } from "../../../media/flv/tag.ts";
import { FileClock, TIMELINE_START } from "./file_clock.ts";
import { FlvUpload } from "../upload/flv_upload.ts";
import { KeySkipper } from "./key_skipper.ts";
import type { FileFrame, MediaFile } from "./media_file.ts";
import { openWebSocket } from "../upload/publish_address.ts";
import type { RenditionFigures } from "../upload/rendition.ts";
import { openTicker } from "../capture/ticker.ts";
import { Uplink, type UplinkStatus } from "../upload/uplink.ts";

/** What a file's publication tells. */
export interface FilePublisherEvents {
  /** The connection's status has changed. */
  onChange(): void;
  /** The file is over, or cannot be read any further: then `words` say why. */
  onEnd(words?: string): void;
}

/** How far ahead of its time a frame is sent, in milliseconds: about a tick. */
const LEAD_MS = 25;

/** The same in a tab that nobody sees, in which timers tick once a second. */
const HIDDEN_LEAD_MS = 1200;

/** Publishes a file at its own pace, unchanged, once or again and again. */
export class FilePublisher implements Disposable {
  readonly #file: MediaFile;
  readonly #events: FilePublisherEvents;
  readonly #upload = new FlvUpload();
  readonly #uplink: Uplink;
  readonly #clock = new FileClock();
  readonly #skipper = new KeySkipper();
  readonly #controller = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #isLoop: boolean;
  #ticker?: Disposable;
  /** When the timeline's beginning was or would have been, in milliseconds; undefined before the first connection. */
  #zero?: number;
  #tickedAt = 0;
  #time = 0;
  #openedTime = 0;
  #frames = 0;
  #dropped = 0;
  #picture = { width: 0, height: 0 };

  constructor(file: MediaFile, url: string, isLoop: boolean, events: FilePublisherEvents) {
    this.#file = file;
    this.#events = events;
    this.#isLoop = isLoop;
    this.#uplink = new Uplink({
      open: () => openWebSocket(url),
      later: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      now: () => performance.now(),
      onChange: () => events.onChange(),
      onOpen: () => {
        this.#openedTime = this.#time;
        return this.#upload.begin(this.#time);
      },
    });
  }

  get statuses(): UplinkStatus[] {
    return [this.#uplink.status];
  }

  get figures(): RenditionFigures[] {
    return [{
      at: performance.now(),
      frames: this.#frames,
      dropped: this.#dropped,
      sentBytes: this.#uplink.sentBytes,
      queueMs: this.#waitingMs(),
      ...this.#picture,
      codecs: this.#upload.codecs.map(codecName).join(" · "),
    }];
  }

  /** How far the present round is, in seconds. */
  get position(): number {
    return this.#clock.position(this.#time) / 1_000_000;
  }

  /** How many times the file has begun. */
  get round(): number {
    return this.#clock.round;
  }

  /** Whether the file begins anew when it is over. */
  set isLoop(isLoop: boolean) {
    this.#isLoop = isLoop;
  }

  /** Connects and plays; called from a click. */
  async start(): Promise<void> {
    this.#upload.describe({ encoder: "Sluice file page" });
    this.#ticker = await openTicker(() => this.#tick());
    if (this.#controller.signal.aborted) return this.#ticker[Symbol.dispose]();
    this.#uplink.start();
    this.#play().then(() => this.#end(), (error) => this.#end((error as Error).message));
  }

  /** Ends the stream. */
  [Symbol.dispose](): void {
    this.#controller.abort();
    this.#ticker?.[Symbol.dispose]();
    this.#uplink.stop();
  }

  #end(words?: string): void {
    if (!this.#controller.signal.aborted) this.#events.onEnd(words);
  }

  async #play(): Promise<void> {
    const { signal } = this.#controller;
    do {
      this.#clock.begin();
      let isEmpty = true;
      for await (const frame of this.#file.frames()) {
        isEmpty = false;
        const dts = this.#clock.place(frame);
        while (!this.#isDue(dts) && !signal.aborted) await this.#nextTick();
        if (signal.aborted) return;
        this.#send({ ...frame, dts });
      }
      if (isEmpty) throw new Error("There is nothing in this file that can be published");
    } while (this.#isLoop);
  }

  #isDue(dts: number): boolean {
    if (!this.#uplink.isOpen || this.#zero === undefined) return false;
    const lead = document.hidden ? HIDDEN_LEAD_MS : LEAD_MS;
    return performance.now() - this.#zero + lead >= (dts - TIMELINE_START) / 1000;
  }

  #nextTick(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  /** The file's time stands still while there is no connection. */
  #tick(): void {
    const now = performance.now();
    if (this.#uplink.isOpen) this.#zero ??= now;
    else if (this.#zero !== undefined) this.#zero += now - this.#tickedAt;
    this.#tickedAt = now;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #send(frame: FileFrame): void {
    this.#time = frame.dts;
    if (frame.role === "config") {
      if (!this.#upload.keep(frame)) return;
      this.#notePicture(frame);
    } else if (frame.kind === "video" && !this.#skipper.admits(frame.role === "key", this.#waitingMs())) {
      this.#dropped++;
      return;
    }
    const bytes = this.#upload.tag(frame);
    if (!bytes) return;
    if (frame.kind === "video" && frame.role !== "config") this.#frames++;
    this.#uplink.send(bytes);
  }

  #notePicture({ kind, codec, body }: FileFrame): void {
    if (kind !== "video") return;
    const { width = 0, height = 0 } = describeCodec(codec, parseTagBody(TAG_VIDEO, 0, body)[0]?.data);
    this.#picture = { width, height };
  }

  /** What waits in the connection, in milliseconds of the stream as it has been on this connection. */
  #waitingMs(): number {
    const { givenBytes, queuedBytes } = this.#uplink;
    const sentMs = Math.max(1000, (this.#time - this.#openedTime) / 1000);
    return givenBytes === 0 ? 0 : queuedBytes / givenBytes * sentMs;
  }
}
