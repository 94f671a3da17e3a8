/// <reference lib="dom" />
import { AudioMixer, type MixerInput } from "./audio_mixer.ts";
import { type Capture, type CaptureChoice, openCapture } from "./capture.ts";
import { type FrameSink, openFrames } from "./frame_source.ts";
import type { SoundBlock } from "./sound_block.ts";

/** What hears of a picture and a sound. */
export interface SourceEvents {
  onFrame: FrameSink;
  onBlock(block: SoundBlock): void;
  /** The person stopped sharing, or a device was unplugged. */
  onEnded(): void;
}

/** A picture and a mixed sound that can be exchanged while they are used. */
export class Sources implements Disposable {
  readonly #mixer: AudioMixer;
  readonly #events: SourceEvents;
  #capture?: Capture;
  #frames?: Disposable;
  #inputs: { microphone?: MixerInput; screen?: MixerInput } = {};

  private constructor(mixer: AudioMixer, events: SourceEvents) {
    this.#mixer = mixer;
    this.#events = events;
    mixer.onBlock = (block) => events.onBlock(block);
  }

  /** Called from a click, without which browsers give neither sound nor screen. */
  static async open(choice: CaptureChoice, events: SourceEvents): Promise<Sources> {
    const [capture, mixer] = await openBoth(choice);
    const sources = new Sources(mixer, events);
    sources.#use(capture);
    return sources;
  }

  /** The picture as it is captured, for a preview. */
  get picture(): MediaStream | undefined {
    return this.#capture?.picture;
  }

  /** The loudest since it was last asked for, in decibels. */
  takePeak(): number {
    return this.#mixer.takePeak();
  }

  setVolumes(volumes: { readonly microphone: number; readonly screen: number }): void {
    if (this.#inputs.microphone) this.#inputs.microphone.volume = volumes.microphone;
    if (this.#inputs.screen) this.#inputs.screen.volume = volumes.screen;
  }

  /** Captures something else; what there was stays when that is not given. */
  async exchange(choice: CaptureChoice): Promise<void> {
    const capture = await openCapture(choice);
    this.#letGo();
    this.#use(capture);
  }

  [Symbol.dispose](): void {
    this.#letGo();
    this.#mixer[Symbol.dispose]();
  }

  #use(capture: Capture): void {
    this.#capture = capture;
    const { pictureTrack, screenSound, microphone } = capture;
    if (pictureTrack) this.#frames = openFrames(pictureTrack, this.#events.onFrame);
    this.#inputs = {
      screen: screenSound && this.#mixer.addStream(screenSound),
      microphone: microphone && this.#mixer.addStream(microphone),
    };
    for (const track of [pictureTrack, ...microphone?.getTracks() ?? []]) {
      track?.addEventListener("ended", () => this.#events.onEnded());
    }
  }

  #letGo(): void {
    this.#frames?.[Symbol.dispose]();
    this.#frames = undefined;
    for (const input of Object.values(this.#inputs)) input?.[Symbol.dispose]();
    this.#inputs = {};
    this.#capture?.[Symbol.dispose]();
    this.#capture = undefined;
  }
}

/** Both at once, so that both belong to the same click; neither stays open when the other is not given. */
async function openBoth(choice: CaptureChoice): Promise<[Capture, AudioMixer]> {
  const [capture, mixer] = await Promise.allSettled([openCapture(choice), AudioMixer.open()]);
  if (capture.status === "fulfilled" && mixer.status === "fulfilled") return [capture.value, mixer.value];
  if (capture.status === "fulfilled") capture.value[Symbol.dispose]();
  if (mixer.status === "fulfilled") mixer.value[Symbol.dispose]();
  throw capture.status === "rejected" ? capture.reason : (mixer as PromiseRejectedResult).reason;
}
