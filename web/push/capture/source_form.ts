/// <reference lib="dom" />
import { byId, make } from "../../shared/dom.ts";
import { canCaptureScreen, type CaptureChoice, devicesOf, type PictureSource } from "./capture.ts";
import { keepField } from "../keep_field.ts";

/** The choice of screen, camera and microphone. */
export class SourceForm {
  readonly #pictures = Array.from(document.querySelectorAll<HTMLInputElement>("input[name=picture]"));
  readonly #camera = byId("camera", HTMLSelectElement);
  readonly #microphone = byId("microphone", HTMLSelectElement);
  readonly #withMicrophone = byId("with-microphone", HTMLInputElement);
  readonly #withScreenSound = byId("with-screen-sound", HTMLInputElement);
  readonly microphoneVolume: HTMLInputElement = byId("microphone-volume", HTMLInputElement);
  readonly screenVolume: HTMLInputElement = byId("screen-volume", HTMLInputElement);

  /** `onChange` is called when something else is to be captured. */
  constructor(onChange: () => void) {
    const fields = [...this.#pictures, this.#camera, this.#microphone, this.#withMicrophone, this.#withScreenSound];
    for (const field of this.#pictures) keepField(field, "push:picture");
    for (const field of [this.#withMicrophone, this.#withScreenSound]) keepField(field, `push:${field.id}`);
    for (const field of fields) {
      field.addEventListener("change", () => {
        this.#showFields();
        onChange();
      });
    }
    this.#withoutScreen();
    this.#showFields();
  }

  /** What is chosen, except its size. */
  get choice(): Omit<CaptureChoice, "shortSide" | "framesPerSecond"> {
    return {
      picture: this.#picture,
      camera: this.#camera.value,
      withMicrophone: this.#withMicrophone.checked,
      microphone: this.#microphone.value,
      withScreenSound: this.#withScreenSound.checked,
    };
  }

  /** Lists the devices by their names, once the browser tells them. */
  async listDevices(): Promise<void> {
    const [cameras, microphones] = await Promise.all([devicesOf("videoinput"), devicesOf("audioinput")]);
    fill(this.#camera, cameras);
    fill(this.#microphone, microphones);
  }

  get #picture(): PictureSource {
    return this.#pictures.find(({ checked }) => checked)!.value as PictureSource;
  }

  #withoutScreen(): void {
    if (canCaptureScreen()) return;
    for (const field of this.#pictures) {
      field.disabled = field.value === "screen";
      if (field.disabled && field.checked) this.#pictures.find(({ value }) => value === "camera")!.checked = true;
    }
  }

  #showFields(): void {
    byId("camera-field", HTMLElement).hidden = this.#picture !== "camera";
    byId("screen-sound-row", HTMLElement).hidden = this.#picture !== "screen";
    byId("microphone-field", HTMLElement).hidden = !this.#withMicrophone.checked;
    this.microphoneVolume.disabled = !this.#withMicrophone.checked;
    this.screenVolume.disabled = !this.#withScreenSound.checked;
  }
}

function fill(select: HTMLSelectElement, devices: readonly MediaDeviceInfo[]): void {
  const chosen = select.value;
  const options = devices.map(({ deviceId, label }, i) => {
    return make("option", { value: deviceId, textContent: label || `Device ${i + 1}` });
  });
  select.replaceChildren(make("option", { value: "", textContent: "Automatic" }), ...options);
  if (devices.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
}
