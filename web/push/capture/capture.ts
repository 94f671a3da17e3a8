/// <reference lib="dom" />

/** Where the picture comes from. */
export type PictureSource = "screen" | "camera" | "none";

/** What is to be captured. */
export interface CaptureChoice {
  readonly picture: PictureSource;
  /** A device's id; empty for the browser's choice. */
  readonly camera: string;
  readonly withMicrophone: boolean;
  readonly microphone: string;
  readonly withScreenSound: boolean;
  /** The most that the shorter side needs to have, in pixels. */
  readonly shortSide: number;
  readonly framesPerSecond: number;
}

/** What has been captured; disposing lets go of all devices. */
export class Capture implements Disposable {
  constructor(readonly picture: MediaStream | undefined, readonly microphone: MediaStream | undefined) {}

  /** The picture's track; undefined for sound alone. */
  get pictureTrack(): MediaStreamTrack | undefined {
    return this.picture?.getVideoTracks()[0];
  }

  /** The sound that came with the screen. */
  get screenSound(): MediaStream | undefined {
    const tracks = this.picture?.getAudioTracks() ?? [];
    return tracks.length ? new MediaStream(tracks) : undefined;
  }

  [Symbol.dispose](): void {
    for (const stream of [this.picture, this.microphone]) stream?.getTracks().forEach((track) => track.stop());
  }
}

/** Whether this browser can capture the screen: those of phones cannot. */
export function canCaptureScreen(): boolean {
  return "getDisplayMedia" in (navigator.mediaDevices ?? {});
}

/** Asks for what was chosen; rejects with the browser's `DOMException` when it is not given. */
export async function openCapture(choice: CaptureChoice): Promise<Capture> {
  const picture = await openPicture(choice);
  try {
    return new Capture(picture, await openMicrophone(choice));
  } catch (error) {
    picture?.getTracks().forEach((track) => track.stop());
    throw error;
  }
}

async function openPicture(choice: CaptureChoice): Promise<MediaStream | undefined> {
  const { shortSide, framesPerSecond } = choice;
  const frameRate = { ideal: framesPerSecond };
  switch (choice.picture) {
    case "none":
      return undefined;
    case "screen":
      return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate }, audio: screenSound(choice) });
    case "camera": {
      const size = { width: { ideal: Math.round(shortSide * 16 / 9) }, height: { ideal: shortSide } };
      return await navigator.mediaDevices.getUserMedia({ video: { ...device(choice.camera), ...size, frameRate } });
    }
  }
}

/** A screen's sound is taken as it is: what cleans a voice spoils music. */
function screenSound({ withScreenSound }: CaptureChoice): MediaTrackConstraints | false {
  return withScreenSound && { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
}

async function openMicrophone({ withMicrophone, microphone }: CaptureChoice): Promise<MediaStream | undefined> {
  return withMicrophone ? await navigator.mediaDevices.getUserMedia({ audio: device(microphone) }) : undefined;
}

function device(id: string): MediaTrackConstraints {
  return id === "" ? {} : { deviceId: { exact: id } };
}

/** The devices of a kind; without names until the browser has given one of them once. */
export async function devicesOf(kind: "videoinput" | "audioinput"): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((each) => each.kind === kind && each.deviceId !== "" && each.deviceId !== "default");
}
