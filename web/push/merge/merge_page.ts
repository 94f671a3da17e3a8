/// <reference lib="dom" />
import { byId, showText } from "../../shared/dom.ts";
import { AudioMixer } from "../capture/audio_mixer.ts";
import { canCaptureScreen } from "../capture/capture.ts";
import { Compositor, type SceneItem } from "./compositor.ts";
import { FramePulse } from "../capture/frame_pulse.ts";
import { showLevel } from "../capture/level_view.ts";
import { PartsView } from "./parts_view.ts";
import { wideSize } from "../encode/picture_size.ts";
import { captureFault, publishObstacle } from "../push_words.ts";
import { arrange, type Box, fitBox, type Layout, reorder, reshapeBox, WHOLE } from "./scene.ts";
import { openCamera, openFilm, openMicrophone, openPicture, openScreen, type ScenePart } from "./scene_part.ts";
import { SceneView } from "./scene_view.ts";
import { SingleStream } from "../single_stream.ts";
import { TextPart } from "./text_part.ts";

/** Where a text stands at first: below, as high as a title. */
const TEXT_BOX: Box = { x: 0.05, y: 0.84, width: 0.3, height: 0.09 };

/** The page that puts several sources into one picture. */
export class MergePage {
  readonly #compositor = new Compositor(byId("canvas", HTMLCanvasElement));
  readonly #stream = new SingleStream({
    page: "merge",
    encoder: "Sluice compositing page",
    isReady: () => Promise.resolve(true),
    onBegin: async ({ framesPerSecond }) => {
      this.#pulse.setRate(framesPerSecond);
      await this.#openMixer();
    },
  });
  readonly #fault = byId("source-fault", HTMLElement);
  readonly #pulse = new FramePulse(30, (now) => this.#draw(now));
  readonly #actions = {
    select: (item: SceneItem) => this.#select(item),
    place: (item: SceneItem, box: Box) => this.#place(item, box),
    raise: (item: SceneItem, places: number) => this.#setItems(reorder(this.#items, item, places)),
    remove: (item: SceneItem) => this.#remove(item),
    reshape: (item: SceneItem) => this.#place(item, reshapeBox(item.box, this.#compositor.shapeOf(item.part))),
  };
  readonly #scene = new SceneView(byId("board", HTMLElement), this.#actions);
  readonly #parts = new PartsView(byId("parts", HTMLElement), byId("parts-note", HTMLElement), this.#actions);
  #mixer?: AudioMixer;
  #items: readonly SceneItem[] = [];
  #selected?: SceneItem;

  constructor() {
    const obstacle = publishObstacle(globalThis);
    showText(byId("notice-title", HTMLElement), obstacle?.title ?? "An empty picture");
    showText(byId("notice-detail", HTMLElement), obstacle?.detail ?? "Add sources, then drag them where they belong.");
    this.#stream.setEnabled(!obstacle);
    byId("add", HTMLFieldSetElement).disabled = obstacle !== undefined;
    if (!obstacle) this.#begin();
  }

  #begin(): void {
    this.#onClick("add-screen", () => this.#add(openScreen));
    this.#onClick("add-camera", () => this.#add((mixer) => openCamera(mixer, "")));
    this.#onClick("add-microphone", () => this.#add(openMicrophone));
    this.#onClick("add-text", () => this.#add(() => Promise.resolve(new TextPart("Live from here"))));
    this.#onClick("add-file", () => byId("file", HTMLInputElement).click());
    byId("file", HTMLInputElement).addEventListener(
      "change",
      ({ target }) => this.#addFiles(target as HTMLInputElement),
    );
    byId("add-screen", HTMLButtonElement).disabled = !canCaptureScreen();
    for (const layout of ["grid", "side-by-side", "picture-in-picture"] as const) {
      this.#onClick(`layout-${layout}`, () => this.#arrange(layout));
    }
    showLevel(() => this.#mixer?.takePeak());
    this.#stream.open();
  }

  #onClick(id: string, action: () => void): void {
    byId(id, HTMLButtonElement).addEventListener("click", action);
  }

  /** Adds a source; called from a click, without which browsers give neither sound nor screen. */
  async #add(open: (mixer: AudioMixer) => Promise<ScenePart>): Promise<void> {
    showText(this.#fault, undefined);
    try {
      const mixer = await this.#openMixer();
      this.#insert(await open(mixer));
    } catch (error) {
      showText(this.#fault, captureFault(error));
    }
  }

  async #openMixer(): Promise<AudioMixer> {
    if (this.#mixer) return this.#mixer;
    const mixer = await AudioMixer.open();
    mixer.onBlock = (block) => {
      this.#pulse.beat();
      this.#stream.broadcast?.block(block);
    };
    return this.#mixer ??= mixer;
  }

  async #addFiles(input: HTMLInputElement): Promise<void> {
    for (const file of Array.from(input.files ?? [])) {
      await this.#add((mixer) => file.type.startsWith("image/") ? openPicture(file) : openFilm(mixer, file));
    }
    input.value = "";
  }

  #insert(part: ScenePart): void {
    const item: SceneItem = { part, box: this.#firstBox(part) };
    part.onEnded = () => {
      this.#remove(item);
      showText(this.#fault, `${part.name} has ended.`);
    };
    this.#selected = item;
    this.#setItems([...this.#items, item]);
  }

  /** The first picture fills all, further ones stand in the corner; a text keeps out of their way. */
  #firstBox(part: ScenePart): Box {
    const shape = this.#compositor.shapeOf(part);
    if (part.kind === "text") return reshapeBox(TEXT_BOX, shape);
    const others = this.#pictures.map((item) => this.#compositor.shapeOf(item.part));
    return others.length ? arrange("picture-in-picture", [...others, shape]).at(-1)! : fitBox(WHOLE, shape);
  }

  /** What layouts arrange. */
  get #pictures(): SceneItem[] {
    return this.#items.filter(({ part }) => part.aspect !== undefined && part.kind !== "text");
  }

  #arrange(layout: Layout): void {
    const pictures = this.#pictures;
    const boxes = arrange(layout, pictures.map(({ part }) => this.#compositor.shapeOf(part)));
    pictures.forEach((item, i) => item.box = boxes[i]);
    this.#show();
  }

  #select(item: SceneItem): void {
    if (this.#selected === item) return;
    this.#selected = item;
    this.#show();
  }

  #place(item: SceneItem, box: Box): void {
    item.box = box;
    this.#show();
  }

  #remove(item: SceneItem): void {
    if (!this.#items.includes(item)) return;
    item.part[Symbol.dispose]();
    const index = this.#items.indexOf(item);
    this.#setItems(this.#items.filter((each) => each !== item));
    const next = this.#items[Math.max(0, index - 1)];
    if (next) this.#scene.focus(next);
    else byId("add-screen", HTMLButtonElement).focus();
  }

  #setItems(items: readonly SceneItem[]): void {
    this.#items = items;
    this.#compositor.items = items;
    this.#show();
  }

  #show(): void {
    byId("notice", HTMLElement).hidden = this.#items.some(({ part }) => part.aspect !== undefined);
    this.#scene.show(this.#items, this.#selected);
    this.#parts.show(this.#items, this.#selected);
  }

  #draw(now: number): void {
    if (!this.#stream.broadcast) this.#compositor.resize(wideSize(this.#stream.quality.shortSide));
    this.#compositor.draw();
    const frame = () => new VideoFrame(this.#compositor.canvas, { timestamp: now, alpha: "discard" });
    this.#stream.broadcast?.frame(frame());
  }
}
