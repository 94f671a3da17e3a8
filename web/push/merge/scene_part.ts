/// <reference lib="dom" />
import type { AudioMixer, MixerInput } from "../capture/audio_mixer.ts";

/** What can be put into a scene. */
export type PartKind = "screen" | "camera" | "microphone" | "film" | "picture" | "text";

/** The size of a canvas or of what is drawn on it, in pixels. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Something in a scene: a picture, a sound, or both. */
export interface ScenePart extends Disposable {
  readonly kind: PartKind;
  /** What people call it. */
  readonly name: string;
  /** Its width over its height; undefined for a sound alone. */
  readonly aspect?: number;
  /** Its place in the mix, if it is heard. */
  readonly sound?: MixerInput;
  /** Draws it; absent for a sound alone. */
  draw?(context: CanvasRenderingContext2D, area: Area): void;
  /** Called when the person stops sharing it, or it was unplugged. */
  onEnded?: () => void;
}

/** A part that an element shows. */
class VideoPart implements ScenePart {
  readonly kind: PartKind;
  readonly name: string;
  readonly sound?: MixerInput;
  readonly #video: HTMLVideoElement;
  readonly #release: () => void;
  onEnded?: () => void;

  constructor(
    kind: PartKind,
    name: string,
    video: HTMLVideoElement,
    sound: MixerInput | undefined,
    release: () => void,
  ) {
    this.kind = kind;
    this.name = name;
    this.sound = sound;
    this.#video = video;
    this.#release = release;
  }

  get aspect(): number | undefined {
    const { videoWidth, videoHeight } = this.#video;
    return videoWidth ? videoWidth / videoHeight : undefined;
  }

  draw(context: CanvasRenderingContext2D, { x, y, width, height }: Area): void {
    if (this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      context.drawImage(this.#video, x, y, width, height);
    }
  }

  [Symbol.dispose](): void {
    this.sound?.[Symbol.dispose]();
    this.#video.pause();
    this.#release();
  }
}

/** Asks for a screen or window, with its sound where there is one. */
export async function openScreen(mixer: AudioMixer): Promise<ScenePart> {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio });
  return await streamPart("screen", stream.getVideoTracks()[0].label || "Screen", stream, mixer);
}

/** Asks for a camera, by its id or whichever the browser takes. */
export async function openCamera(mixer: AudioMixer, id: string): Promise<ScenePart> {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const video = id === "" ? size : { ...size, deviceId: { exact: id } };
  const stream = await navigator.mediaDevices.getUserMedia({ video });
  return await streamPart("camera", stream.getVideoTracks()[0].label || "Camera", stream, mixer);
}

/** Asks for a microphone. */
export async function openMicrophone(mixer: AudioMixer): Promise<ScenePart> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const [track] = stream.getAudioTracks();
  const sound = mixer.addStream(stream);
  const part: ScenePart = {
    kind: "microphone",
    name: track.label || "Microphone",
    sound,
    [Symbol.dispose](): void {
      sound[Symbol.dispose]();
      track.stop();
    },
  };
  track.addEventListener("ended", () => part.onEnded?.());
  return part;
}

async function streamPart(kind: PartKind, name: string, stream: MediaStream, mixer: AudioMixer): Promise<ScenePart> {
  const video = newVideo();
  video.muted = true;
  video.srcObject = stream;
  await playing(video);
  const sound = stream.getAudioTracks().length ? mixer.addStream(stream) : undefined;
  const part = new VideoPart(kind, name, video, sound, () => {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  });
  stream.getVideoTracks()[0].addEventListener("ended", () => part.onEnded?.());
  return part;
}

/** Opens a local film or sound, which is played again and again; rejects when the browser cannot play it. */
export async function openFilm(mixer: AudioMixer, file: File): Promise<ScenePart> {
  const url = URL.createObjectURL(file);
  const video = newVideo();
  video.loop = true;
  video.src = url;
  try {
    await playing(video);
  } catch {
    URL.revokeObjectURL(url);
    throw new Error(`This browser cannot play ${file.name}`);
  }
  return new VideoPart("film", file.name, video, mixer.addElement(video), () => {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  });
}

/** Opens a local picture; rejects when the browser cannot read it. */
export async function openPicture(file: File): Promise<ScenePart> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error(`This browser cannot show ${file.name}`);
  });
  return {
    kind: "picture",
    name: file.name,
    aspect: image.width / image.height,
    draw: (context, { x, y, width, height }) => context.drawImage(image, x, y, width, height),
    [Symbol.dispose]: () => image.close(),
  };
}

function newVideo(): HTMLVideoElement {
  return Object.assign(document.createElement("video"), { playsInline: true });
}

async function playing(video: HTMLVideoElement): Promise<void> {
  await video.play();
}
