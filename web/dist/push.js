// Made by web/build.ts from web/push.ts; sources e3011e2114bc795136b259cd46ba2c44115376384708c196e6098426796165dc
// web/shared/dom.ts
function byId(id, type) {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new ReferenceError(`Cannot start: the page has no ${type.name} with id "${id}"`);
}
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
function breakable(text) {
  return text.split(/(?<=[^/:][/_?])(?=[^/_?])/).flatMap((part, i) => i === 0 ? [
    part
  ] : [
    make("wbr", {}),
    part
  ]);
}
function showText(element, text) {
  element.hidden = !text;
  if (element.textContent !== (text ?? "")) element.textContent = text ?? "";
}

// web/push/capture/frame_source.ts
function openFrames(track, sink) {
  const { MediaStreamTrackProcessor } = globalThis;
  return MediaStreamTrackProcessor ? readFrames(new MediaStreamTrackProcessor({
    track
  }).readable, sink) : watchFrames(track, sink);
}
function isSteadyInBackground() {
  return "MediaStreamTrackProcessor" in globalThis;
}
function readFrames(readable, sink) {
  const reader = readable.getReader();
  let isOver = false;
  const read2 = async () => {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (isOver) value.close();
      else sink(value);
    }
  };
  read2().catch(() => {
  });
  return {
    [Symbol.dispose]() {
      isOver = true;
      reader.cancel().catch(() => {
      });
    }
  };
}
function watchFrames(track, sink) {
  const video = Object.assign(document.createElement("video"), {
    muted: true,
    playsInline: true
  });
  video.srcObject = new MediaStream([
    track
  ]);
  video.play().catch(() => {
  });
  let handle = 0;
  const take = (now) => {
    sink(new VideoFrame(video, {
      timestamp: Math.round(now * 1e3)
    }));
    handle = video.requestVideoFrameCallback(take);
  };
  handle = video.requestVideoFrameCallback(take);
  return {
    [Symbol.dispose]() {
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
    }
  };
}

// web/push/capture/level_view.ts
var LEVEL_MS = 100;
var SILENCE = -60;
function showLevel(takePeak) {
  const level = byId("level", HTMLMeterElement);
  setInterval(() => {
    const peak = Math.max(SILENCE, takePeak() ?? SILENCE);
    level.value = peak;
    level.textContent = peak > SILENCE ? `${Math.round(peak)} dB` : "silent";
  }, LEVEL_MS);
}

// web/push/push_words.ts
function describePublication({ status: { phase, words }, isListed }) {
  switch (phase) {
    case "idle":
      return {
        tone: "quiet",
        label: "Not live"
      };
    case "connecting":
      return {
        tone: "waiting",
        label: "Connecting",
        title: words && `${words}. Trying again\u2026`
      };
    case "open":
      return isListed ? {
        tone: "live",
        label: "On air"
      } : {
        tone: "waiting",
        label: "Connecting"
      };
    case "waiting":
      return {
        tone: "trouble",
        label: "Reconnecting",
        title: `${words}. Trying again\u2026`
      };
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: words
      };
  }
}
function publishObstacle(scope) {
  if (!scope.isSecureContext) {
    return {
      title: "This page needs HTTPS",
      detail: "Browsers give camera, microphone and screen only to pages that come over HTTPS or from localhost."
    };
  }
  const needed = [
    "VideoEncoder",
    "AudioEncoder",
    "AudioWorkletNode"
  ];
  if (needed.every((name) => name in scope)) return void 0;
  return {
    title: "This browser cannot encode",
    detail: "A current Chrome, Edge or Safari can, and Firefox on a computer; OBS and ffmpeg publish as well."
  };
}
function captureFault(error) {
  const { name, message } = error;
  switch (name) {
    case "NotAllowedError":
      return "The browser was not allowed to use it. Allow it next to the address of this page, then try again.";
    case "NotFoundError":
      return "There is no such device.";
    case "NotReadableError":
      return "The device is in use by another program.";
    case "OverconstrainedError":
      return "The device that was chosen is not there any more. Choose another.";
    default:
      return message || String(error);
  }
}

// web/push/capture/capture.ts
var Capture = class {
  picture;
  microphone;
  constructor(picture, microphone) {
    this.picture = picture;
    this.microphone = microphone;
  }
  /** The picture's track; undefined for sound alone. */
  get pictureTrack() {
    return this.picture?.getVideoTracks()[0];
  }
  /** The sound that came with the screen. */
  get screenSound() {
    const tracks = this.picture?.getAudioTracks() ?? [];
    return tracks.length ? new MediaStream(tracks) : void 0;
  }
  [Symbol.dispose]() {
    for (const stream of [
      this.picture,
      this.microphone
    ]) stream?.getTracks().forEach((track) => track.stop());
  }
};
function canCaptureScreen() {
  return "getDisplayMedia" in (navigator.mediaDevices ?? {});
}
async function openCapture(choice) {
  const picture = await openPicture(choice);
  try {
    return new Capture(picture, await openMicrophone(choice));
  } catch (error) {
    picture?.getTracks().forEach((track) => track.stop());
    throw error;
  }
}
async function openPicture(choice) {
  const { shortSide, framesPerSecond } = choice;
  const frameRate = {
    ideal: framesPerSecond
  };
  switch (choice.picture) {
    case "none":
      return void 0;
    case "screen":
      return await navigator.mediaDevices.getDisplayMedia({
        video: {
          frameRate
        },
        audio: screenSound(choice)
      });
    case "camera": {
      const size = {
        width: {
          ideal: Math.round(shortSide * 16 / 9)
        },
        height: {
          ideal: shortSide
        }
      };
      return await navigator.mediaDevices.getUserMedia({
        video: {
          ...device(choice.camera),
          ...size,
          frameRate
        }
      });
    }
  }
}
function screenSound({ withScreenSound }) {
  return withScreenSound && {
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false
  };
}
async function openMicrophone({ withMicrophone, microphone }) {
  return withMicrophone ? await navigator.mediaDevices.getUserMedia({
    audio: device(microphone)
  }) : void 0;
}
function device(id) {
  return id === "" ? {} : {
    deviceId: {
      exact: id
    }
  };
}
async function devicesOf(kind) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((each) => each.kind === kind && each.deviceId !== "" && each.deviceId !== "default");
}

// web/push/keep_field.ts
var PREFIX = "sluice:";
function keepField(field, name) {
  const isTicked = field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
  const kept = read(name);
  if (kept !== null && isTicked) {
    field.checked = field.type === "radio" ? field.checked || kept === field.value : kept === "true";
  } else if (kept !== null && (field instanceof HTMLInputElement || hasOption(field, kept))) field.value = kept;
  field.addEventListener("change", () => {
    if (!isTicked) write(name, field.value);
    else if (field.type === "checkbox") write(name, String(field.checked));
    else if (field.checked) write(name, field.value);
  });
}
function hasOption(select, value) {
  return Array.from(select.options).some((option) => option.value === value);
}
function read(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}
function write(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    return;
  }
}

// web/push/capture/source_form.ts
var SourceForm = class {
  #pictures = Array.from(document.querySelectorAll("input[name=picture]"));
  #camera = byId("camera", HTMLSelectElement);
  #microphone = byId("microphone", HTMLSelectElement);
  #withMicrophone = byId("with-microphone", HTMLInputElement);
  #withScreenSound = byId("with-screen-sound", HTMLInputElement);
  microphoneVolume = byId("microphone-volume", HTMLInputElement);
  screenVolume = byId("screen-volume", HTMLInputElement);
  /** `onChange` is called when something else is to be captured. */
  constructor(onChange) {
    const fields = [
      ...this.#pictures,
      this.#camera,
      this.#microphone,
      this.#withMicrophone,
      this.#withScreenSound
    ];
    for (const field of this.#pictures) keepField(field, "push:picture");
    for (const field of [
      this.#withMicrophone,
      this.#withScreenSound
    ]) keepField(field, `push:${field.id}`);
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
  get choice() {
    return {
      picture: this.#picture,
      camera: this.#camera.value,
      withMicrophone: this.#withMicrophone.checked,
      microphone: this.#microphone.value,
      withScreenSound: this.#withScreenSound.checked
    };
  }
  /** Lists the devices by their names, once the browser tells them. */
  async listDevices() {
    const [cameras, microphones] = await Promise.all([
      devicesOf("videoinput"),
      devicesOf("audioinput")
    ]);
    fill(this.#camera, cameras);
    fill(this.#microphone, microphones);
  }
  get #picture() {
    return this.#pictures.find(({ checked }) => checked).value;
  }
  #withoutScreen() {
    if (canCaptureScreen()) return;
    for (const field of this.#pictures) {
      field.disabled = field.value === "screen";
      if (field.disabled && field.checked) this.#pictures.find(({ value }) => value === "camera").checked = true;
    }
  }
  #showFields() {
    byId("camera-field", HTMLElement).hidden = this.#picture !== "camera";
    byId("screen-sound-row", HTMLElement).hidden = this.#picture !== "screen";
    byId("microphone-field", HTMLElement).hidden = !this.#withMicrophone.checked;
    this.microphoneVolume.disabled = !this.#withMicrophone.checked;
    this.screenVolume.disabled = !this.#withScreenSound.checked;
  }
};
function fill(select, devices) {
  const chosen = select.value;
  const options = devices.map(({ deviceId, label }, i) => {
    return make("option", {
      value: deviceId,
      textContent: label || `Device ${i + 1}`
    });
  });
  select.replaceChildren(make("option", {
    value: "",
    textContent: "Automatic"
  }), ...options);
  if (devices.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
}

// web/push/library.ts
async function loadLibrary(name) {
  return await import(libraryUrl(name));
}
function libraryUrl(name) {
  const place = document.querySelector(`meta[name="library:${name}"]`);
  if (!place) throw new ReferenceError(`Cannot load ${name}: the page does not say where it is`);
  return new URL(place.content, location.href).href;
}

// web/push/capture/sound_block.ts
var SAMPLE_RATE = 48e3;
var BLOCK_FRAMES = 1024;
var TAP_NAME = "sluice-audio-tap";
function peakOf({ channels }) {
  let peak = 0;
  for (const channel of channels) {
    for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
  }
  return Math.min(0, 20 * Math.log10(peak));
}

// web/push/capture/audio_mixer.ts
var AudioMixer = class _AudioMixer {
  #context;
  #tap;
  #peak = Number.NEGATIVE_INFINITY;
  /** Hears every block, some fifty a second, silent ones too. */
  onBlock;
  constructor(context) {
    this.#context = context;
    this.#tap = new AudioWorkletNode(context, TAP_NAME, {
      outputChannelCount: [
        2
      ]
    });
    this.#tap.port.onmessage = ({ data }) => {
      this.#peak = Math.max(this.#peak, peakOf(data));
      this.onBlock?.(data);
    };
    this.#tap.connect(context.destination);
  }
  /** Opens a mixer; called from a click, without which browsers play nothing. */
  static async open() {
    const context = new AudioContext({
      sampleRate: SAMPLE_RATE,
      latencyHint: "interactive"
    });
    try {
      await Promise.all([
        context.resume(),
        context.audioWorklet.addModule(libraryUrl("tap"))
      ]);
      return new _AudioMixer(context);
    } catch (error) {
      await context.close();
      throw error;
    }
  }
  /** The loudest since it was last asked for, in decibels. */
  takePeak() {
    const peak = this.#peak;
    this.#peak = Number.NEGATIVE_INFINITY;
    return peak;
  }
  /** Adds the sound of a stream, if it has any. */
  addStream(stream, volume = 1) {
    return this.#add(this.#context.createMediaStreamSource(stream), volume);
  }
  /** Adds the sound of an element, which is from then on heard in the mix alone. */
  addElement(element, volume = 1) {
    return this.#add(this.#context.createMediaElementSource(element), volume);
  }
  [Symbol.dispose]() {
    this.onBlock = void 0;
    this.#tap.disconnect();
    this.#context.close().catch(() => {
    });
  }
  #add(source, volume) {
    const gain = this.#context.createGain();
    gain.gain.value = volume;
    source.connect(gain).connect(this.#tap);
    return {
      get volume() {
        return gain.gain.value;
      },
      set volume(value) {
        gain.gain.value = value;
      },
      [Symbol.dispose]() {
        source.disconnect();
        gain.disconnect();
      }
    };
  }
};

// web/push/capture/sources.ts
var Sources = class _Sources {
  #mixer;
  #events;
  #capture;
  #frames;
  #inputs = {};
  constructor(mixer, events) {
    this.#mixer = mixer;
    this.#events = events;
    mixer.onBlock = (block) => events.onBlock(block);
  }
  /** Called from a click, without which browsers give neither sound nor screen. */
  static async open(choice, events) {
    const [capture, mixer] = await openBoth(choice);
    const sources = new _Sources(mixer, events);
    sources.#use(capture);
    return sources;
  }
  /** The picture as it is captured, for a preview. */
  get picture() {
    return this.#capture?.picture;
  }
  /** The loudest since it was last asked for, in decibels. */
  takePeak() {
    return this.#mixer.takePeak();
  }
  setVolumes(volumes) {
    if (this.#inputs.microphone) this.#inputs.microphone.volume = volumes.microphone;
    if (this.#inputs.screen) this.#inputs.screen.volume = volumes.screen;
  }
  /** Captures something else; what there was stays when that is not given. */
  async exchange(choice) {
    const capture = await openCapture(choice);
    this.#letGo();
    this.#use(capture);
  }
  [Symbol.dispose]() {
    this.#letGo();
    this.#mixer[Symbol.dispose]();
  }
  #use(capture) {
    this.#capture = capture;
    const { pictureTrack, screenSound: screenSound2, microphone } = capture;
    if (pictureTrack) this.#frames = openFrames(pictureTrack, this.#events.onFrame);
    this.#inputs = {
      screen: screenSound2 && this.#mixer.addStream(screenSound2),
      microphone: microphone && this.#mixer.addStream(microphone)
    };
    for (const track of [
      pictureTrack,
      ...microphone?.getTracks() ?? []
    ]) {
      track?.addEventListener("ended", () => this.#events.onEnded());
    }
  }
  #letGo() {
    this.#frames?.[Symbol.dispose]();
    this.#frames = void 0;
    for (const input of Object.values(this.#inputs)) input?.[Symbol.dispose]();
    this.#inputs = {};
    this.#capture?.[Symbol.dispose]();
    this.#capture = void 0;
  }
};
async function openBoth(choice) {
  const [capture, mixer] = await Promise.allSettled([
    openCapture(choice),
    AudioMixer.open()
  ]);
  if (capture.status === "fulfilled" && mixer.status === "fulfilled") return [
    capture.value,
    mixer.value
  ];
  if (capture.status === "fulfilled") capture.value[Symbol.dispose]();
  if (mixer.status === "fulfilled") mixer.value[Symbol.dispose]();
  throw capture.status === "rejected" ? capture.reason : mixer.reason;
}

// web/push/capture/stage_notice.ts
var StageNotice = class {
  #notice = byId("notice", HTMLElement);
  /** `onAction` is called when the person takes up what the notice offers. */
  constructor(onAction) {
    byId("notice-action", HTMLButtonElement).addEventListener("click", onAction);
  }
  show(title, detail, action) {
    showText(byId("notice-title", HTMLElement), title);
    showText(byId("notice-detail", HTMLElement), detail);
    if (action) showText(byId("notice-action", HTMLElement), action);
    this.#notice.hidden = false;
  }
  /** Says what makes this page of no use here; there is nothing to be done. */
  showObstacle({ title, detail }) {
    this.show(title, detail);
    byId("notice-action", HTMLElement).hidden = true;
  }
  hide() {
    this.#notice.hidden = true;
  }
};

// web/push/capture/capture_stage.ts
var CaptureStage = class {
  #host;
  #preview = byId("preview", HTMLVideoElement);
  #notice = new StageNotice(() => this.capture());
  #form = new SourceForm(() => this.#onChoice());
  #sources;
  #isBusy = false;
  constructor(host) {
    this.#host = host;
  }
  /** Makes ready; false, and the person is told why, where this page is of no use. */
  begin() {
    const obstacle = publishObstacle(globalThis);
    if (obstacle) {
      this.#notice.showObstacle(obstacle);
      this.#host.setEnabled(false);
      return false;
    }
    for (const field of [
      this.#form.microphoneVolume,
      this.#form.screenVolume
    ]) {
      field.addEventListener("input", () => this.#setVolumes());
    }
    showLevel(() => this.#sources?.takePeak());
    this.#form.listDevices();
    byId("background-note", HTMLElement).hidden = isSteadyInBackground();
    return true;
  }
  /** Whether something is captured. */
  get isOpen() {
    return this.#sources !== void 0;
  }
  /** Captures what is chosen; false, and the person is told why, when it is not given. */
  async capture() {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    this.#host.setEnabled(false);
    try {
      await this.#openSources();
      this.#showPreview();
      this.#form.listDevices();
      return true;
    } catch (error) {
      this.#notice.show("No picture yet", captureFault(error), "Try again");
      return false;
    } finally {
      this.#isBusy = false;
      this.#host.setEnabled(true);
    }
  }
  async #openSources() {
    const choice = {
      ...this.#form.choice,
      ...this.#host.limits()
    };
    if (this.#sources) await this.#sources.exchange(choice);
    else {
      this.#sources = await Sources.open(choice, {
        onFrame: (frame) => {
          const broadcast = this.#host.broadcast();
          if (broadcast) broadcast.frame(frame);
          else frame.close();
        },
        onBlock: (block) => this.#host.broadcast()?.block(block),
        onEnded: () => this.#onEnded()
      });
    }
    this.#host.broadcast()?.restartPicture();
    this.#setVolumes();
  }
  /** Something else was chosen: what is shown or published already is exchanged at once. */
  #onChoice() {
    if (this.#sources) this.capture();
  }
  #onEnded() {
    const rest = this.#host.broadcast() ? "Viewers see the last picture. " : "";
    this.#notice.show("The source has ended", `${rest}Choose another, or the same again.`, "Choose again");
  }
  #showPreview() {
    this.#preview.srcObject = this.#sources?.picture ?? null;
    byId("screen", HTMLElement).classList.toggle("sound-only", !this.#sources?.picture);
    this.#notice.hide();
  }
  #setVolumes() {
    const { microphoneVolume, screenVolume } = this.#form;
    this.#sources?.setVolumes({
      microphone: Number(microphoneVolume.value),
      screen: Number(screenVolume.value)
    });
  }
};

// media/flv/fourcc.ts
var FOURCC = {
  avc: fourCc("avc1"),
  hevc: fourCc("hvc1"),
  vvc: fourCc("vvc1"),
  av1: fourCc("av01"),
  vp8: fourCc("vp08"),
  vp9: fourCc("vp09"),
  aac: fourCc("mp4a"),
  mp3: fourCc(".mp3"),
  opus: fourCc("Opus"),
  flac: fourCc("fLaC"),
  ac3: fourCc("ac-3"),
  eac3: fourCc("ec-3")
};
var CODECS = new Map(Object.entries(FOURCC).map(([codec, value]) => [
  value,
  codec
]));
function fourCc(text) {
  return (text.charCodeAt(0) << 24 | text.charCodeAt(1) << 16 | text.charCodeAt(2) << 8 | text.charCodeAt(3)) >>> 0;
}

// media/flv/body_writer.ts
var FRAME_KEY = 1;
var FRAME_INTER = 2;
var LEGACY_AVC = 7;
var ENHANCED_VIDEO = 128;
var ENHANCED_AUDIO = 9 << 4;
var CONFIG = 0;
var FRAME = 1;
var FRAME_WITHOUT_DELAY = 3;
var AAC_HEAD = 175;
var MP3_HEAD = 47;
var MAX_DELAY = 8388607;
var MIN_DELAY = -8388608;
var VIDEO_CODECS = /* @__PURE__ */ new Set([
  "avc",
  "hevc",
  "vvc",
  "av1",
  "vp8",
  "vp9"
]);
var AUDIO_CODECS = /* @__PURE__ */ new Set([
  "aac",
  "mp3",
  "opus",
  "flac",
  "ac3",
  "eac3"
]);
var REORDERED = /* @__PURE__ */ new Set([
  "avc",
  "hevc",
  "vvc"
]);
function hasFlvBody(kind, codec) {
  return (kind === "video" ? VIDEO_CODECS : AUDIO_CODECS).has(codec);
}
function videoConfigBody(codec, config) {
  if (codec === "avc") return join([
    FRAME_KEY << 4 | LEGACY_AVC,
    CONFIG,
    0,
    0,
    0
  ], config);
  return join([
    ENHANCED_VIDEO | FRAME_KEY << 4 | CONFIG,
    ...fourCcOf("video", codec)
  ], config);
}
function videoFrameBody(codec, isKey, delay, data) {
  const frameType = (isKey ? FRAME_KEY : FRAME_INTER) << 4;
  const ms = REORDERED.has(codec) ? compositionTime(delay) : 0;
  const time = [
    ms >> 16 & 255,
    ms >> 8 & 255,
    ms & 255
  ];
  if (codec === "avc") return join([
    frameType | LEGACY_AVC,
    FRAME,
    ...time
  ], data);
  const fourCc2 = fourCcOf("video", codec);
  if (!REORDERED.has(codec)) return join([
    ENHANCED_VIDEO | frameType | FRAME,
    ...fourCc2
  ], data);
  if (ms === 0) return join([
    ENHANCED_VIDEO | frameType | FRAME_WITHOUT_DELAY,
    ...fourCc2
  ], data);
  return join([
    ENHANCED_VIDEO | frameType | FRAME,
    ...fourCc2,
    ...time
  ], data);
}
function audioConfigBody(codec, config) {
  if (codec === "aac") return join([
    AAC_HEAD,
    CONFIG
  ], config);
  if (codec === "mp3") return void 0;
  return join([
    ENHANCED_AUDIO | CONFIG,
    ...fourCcOf("audio", codec)
  ], config);
}
function audioFrameBody(codec, data) {
  if (codec === "aac") return join([
    AAC_HEAD,
    FRAME
  ], data);
  if (codec === "mp3") return join([
    MP3_HEAD
  ], data);
  return join([
    ENHANCED_AUDIO | FRAME,
    ...fourCcOf("audio", codec)
  ], data);
}
function compositionTime(delay) {
  const ms = Math.round(delay / 1e3);
  if (ms < MIN_DELAY || ms > MAX_DELAY) {
    throw new RangeError(`Cannot write a delay of ${ms} ms: an FLV body holds ${MIN_DELAY} to ${MAX_DELAY}`);
  }
  return ms;
}
function fourCcOf(kind, codec) {
  const value = hasFlvBody(kind, codec) ? FOURCC[codec] : void 0;
  if (value === void 0) throw new TypeError(`Cannot write ${kind} of codec "${codec}": FLV has no body for it`);
  return [
    value >>> 24,
    value >>> 16 & 255,
    value >>> 8 & 255,
    value & 255
  ];
}
function join(head, data) {
  const body = new Uint8Array(head.length + data.length);
  body.set(head);
  body.set(data, head.length);
  return body;
}

// web/push/capture/frame_gate.ts
var TOLERANCE = 0.25;
var FrameGate = class {
  #interval;
  #next = Number.NEGATIVE_INFINITY;
  constructor(framesPerSecond) {
    this.#interval = 1e6 / framesPerSecond;
  }
  /** Whether the frame of this time, in microseconds, is one to be sent. */
  takes(time) {
    if (time < this.#next - this.#interval * TOLERANCE) return false;
    this.#next = Math.max(this.#next, time - this.#interval / 2) + this.#interval;
    return true;
  }
};

// web/push/encode/key_rhythm.ts
var KEY_INTERVAL = 2e6;
var KeyRhythm = class {
  #interval;
  #beat;
  constructor(interval = KEY_INTERVAL) {
    this.#interval = interval;
  }
  /** The next frame is to be a key: a connection begins, or what went before was dropped. */
  request() {
    this.#beat = void 0;
  }
  /** Whether the frame of this time, in microseconds, is to be a key; asked once for each frame that is encoded. */
  isDue(time) {
    const beat = Math.floor(time / this.#interval);
    if (beat === this.#beat) return false;
    this.#beat = beat;
    return true;
  }
};

// web/shared/codec_names.ts
var NAMES = {
  avc: "H.264",
  hevc: "H.265",
  vvc: "H.266",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  aac: "AAC",
  mp3: "MP3",
  opus: "Opus",
  flac: "FLAC",
  ac3: "AC-3",
  eac3: "E-AC-3"
};
function codecName(codec) {
  return Object.hasOwn(NAMES, codec) ? NAMES[codec] : codec;
}

// media/amf/amf3_marker.ts
var Amf3Marker = {
  Undefined: 0,
  Null: 1,
  False: 2,
  True: 3,
  Integer: 4,
  Double: 5,
  String: 6,
  XmlDocument: 7,
  Date: 8,
  Array: 9,
  Object: 10,
  Xml: 11,
  ByteArray: 12,
  VectorInt: 13,
  VectorUint: 14,
  VectorDouble: 15,
  VectorObject: 16,
  Dictionary: 17
};

// media/errors.ts
var FormatError = class extends Error {
  name = "FormatError";
};

// media/amf/amf_limits.ts
var MAX_AMF_DEPTH = 64;

// media/amf/amf_value.ts
var EcmaArray = class {
  properties;
  constructor(properties) {
    this.properties = properties;
  }
};
var TypedObject = class {
  className;
  properties;
  constructor(className, properties) {
    this.className = className;
    this.properties = properties;
  }
};
var XmlDocument = class {
  xml;
  constructor(xml) {
    this.xml = xml;
  }
};
var Unsupported = class {
  marker;
  constructor(marker) {
    this.marker = marker;
  }
};
function propertiesOf(value) {
  if (value instanceof EcmaArray || value instanceof TypedObject) return value.properties;
  return isAmfObject(value) ? value : void 0;
}
function isAmfObject(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

// media/byte_reader.ts
var utf8 = new TextDecoder("utf-8", {
  ignoreBOM: true
});
var ByteReader = class {
  #bytes;
  #view;
  #offset;
  constructor(bytes, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }
  /** Where the next read begins. */
  get offset() {
    return this.#offset;
  }
  /** How many bytes are left. */
  get left() {
    return this.#bytes.length - this.#offset;
  }
  /** The next unsigned byte. */
  u8() {
    return this.#bytes[this.#take(1)];
  }
  /** The next unsigned byte, which stays unread; undefined at the end. */
  peek() {
    return this.#bytes[this.#offset];
  }
  /** The next unsigned 16-bit number. */
  u16() {
    return this.#view.getUint16(this.#take(2));
  }
  /** The next unsigned 24-bit number. */
  u24() {
    return this.u8() << 16 | this.u16();
  }
  /** The next signed 16-bit number. */
  i16() {
    return this.#view.getInt16(this.#take(2));
  }
  /** The next signed 32-bit number. */
  i32() {
    return this.#view.getInt32(this.#take(4));
  }
  /** The next unsigned 32-bit number. */
  u32() {
    return this.#view.getUint32(this.#take(4));
  }
  /** The next IEEE 754 double. */
  f64() {
    return this.#view.getFloat64(this.#take(8));
  }
  /** The next `count` bytes, as a view. */
  raw(count) {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }
  /** All bytes that are left, as a view. */
  rest() {
    return this.raw(this.left);
  }
  /** The next `count` bytes as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
  text(count) {
    return utf8.decode(this.raw(count));
  }
  #take(count) {
    const at = this.#offset;
    if (count > this.#bytes.length - at) {
      throw new FormatError(`${count} bytes were announced at offset ${at}, but ${this.#bytes.length - at} are left`);
    }
    this.#offset = at + count;
    return at;
  }
};

// media/bytes.ts
var INITIAL_CAPACITY = 1024;
var ByteWriter = class {
  #bytes;
  #view;
  #length = 0;
  constructor(capacity = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }
  /** How many bytes have been written. */
  get length() {
    return this.#length;
  }
  /** How many bytes fit before the buffer grows. */
  get capacity() {
    return this.#bytes.length;
  }
  /** A view of the bytes from `start` up to `end` (by default all that is written), not a copy. */
  view(start = 0, end = this.#length) {
    return this.#bytes.subarray(start, end);
  }
  /** Begins anew in the same buffer: for scratch writers whose views nobody keeps. */
  clear() {
    this.#length = 0;
  }
  /** Appends one byte. */
  u8(value) {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }
  /** Appends an unsigned 16-bit number. */
  u16(value) {
    const at = this.#take(2);
    this.#view.setUint16(at, value);
    return this;
  }
  /** Appends an unsigned 24-bit number. */
  u24(value) {
    const at = this.#take(3);
    this.#bytes[at] = value >>> 16;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value;
    return this;
  }
  /** Appends an unsigned 32-bit number; larger numbers wrap. */
  u32(value) {
    const at = this.#take(4);
    this.#view.setUint32(at, value);
    return this;
  }
  /** Appends an unsigned 32-bit number with the least significant byte first. */
  u32le(value) {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  /** Appends an unsigned 64-bit number; exact up to 2^53. */
  u64(value) {
    const at = this.#take(8);
    this.#view.setUint32(at, Math.floor(value / 4294967296));
    this.#view.setUint32(at + 4, value);
    return this;
  }
  /** Appends an IEEE 754 double. */
  f64(value) {
    const at = this.#take(8);
    this.#view.setFloat64(at, value);
    return this;
  }
  /** Appends bytes. */
  raw(bytes) {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  #take(count) {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return at;
  }
  #grow(needed) {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
};

// media/amf/amf3_writer.ts
var MAX_LENGTH = 268435455;
var DYNAMIC_OBJECT = 11;
var utf82 = new TextEncoder();
function writeAmf3(out, value, depth = 0) {
  if (depth > MAX_AMF_DEPTH) throw new RangeError(`Cannot write AMF3 nested deeper than ${MAX_AMF_DEPTH} levels`);
  switch (typeof value) {
    case "undefined":
      return void out.u8(Amf3Marker.Undefined);
    case "boolean":
      return void out.u8(value ? Amf3Marker.True : Amf3Marker.False);
    case "number":
      return writeNumber(out, value);
    case "string":
      return writeText(out.u8(Amf3Marker.String), value);
    default:
      return value === null ? void out.u8(Amf3Marker.Null) : writeComplex(out, value, depth);
  }
}
function writeComplex(out, value, depth) {
  if (value instanceof Date) {
    out.u8(Amf3Marker.Date).u8(1).f64(value.getTime());
  } else if (value instanceof Uint8Array) {
    writeLength(out.u8(Amf3Marker.ByteArray), value.length);
    out.raw(value);
  } else if (value instanceof XmlDocument) {
    writeText(out.u8(Amf3Marker.Xml), value.xml);
  } else if (value instanceof Array) {
    writeLength(out.u8(Amf3Marker.Array), value.length);
    out.u8(1);
    for (const item of value) writeAmf3(out, item, depth + 1);
  } else if (value instanceof Map) {
    writeDictionary(out, value, depth);
  } else if (value instanceof Unsupported) {
    out.u8(Amf3Marker.Undefined);
  } else {
    writeObject(out, value, depth);
  }
}
function writeObject(out, value, depth) {
  if (value instanceof EcmaArray) {
    out.u8(Amf3Marker.Array).u8(1);
  } else {
    out.u8(Amf3Marker.Object).u8(DYNAMIC_OBJECT);
    writeText(out, value instanceof TypedObject ? value.className : "");
  }
  const properties = propertiesOf(value) ?? {};
  for (const name of Object.keys(properties)) {
    if (name === "") throw new RangeError("Cannot write an AMF3 property with an empty name");
    writeText(out, name);
    writeAmf3(out, properties[name], depth + 1);
  }
  out.u8(1);
}
function writeDictionary(out, map, depth) {
  writeLength(out.u8(Amf3Marker.Dictionary), map.size);
  out.u8(0);
  for (const [key, value] of map) {
    writeAmf3(out, key, depth + 1);
    writeAmf3(out, value, depth + 1);
  }
}
function writeNumber(out, value) {
  const fits = value << 3 >> 3 === value && !Object.is(value, -0);
  if (fits) writeU29(out.u8(Amf3Marker.Integer), value & 536870911);
  else out.u8(Amf3Marker.Double).f64(value);
}
function writeText(out, value) {
  const text = utf82.encode(value);
  writeLength(out, text.length);
  out.raw(text);
}
function writeLength(out, length) {
  if (length > MAX_LENGTH) {
    throw new RangeError(`Cannot write an AMF3 value of length ${length}: ${MAX_LENGTH} is the most`);
  }
  writeU29(out, length << 1 | 1);
}
function writeU29(out, value) {
  if (value >= 2097152) {
    out.u8(value >>> 22 | 128).u8(value >>> 15 & 127 | 128).u8(value >>> 8 & 127 | 128).u8(value & 255);
    return;
  }
  if (value >= 16384) out.u8(value >>> 14 | 128);
  if (value >= 128) out.u8(value >>> 7 & 127 | 128);
  out.u8(value & 127);
}

// media/amf/amf0.ts
var Marker = {
  Number: 0,
  Boolean: 1,
  String: 2,
  Object: 3,
  Null: 5,
  Undefined: 6,
  Reference: 7,
  EcmaArray: 8,
  ObjectEnd: 9,
  StrictArray: 10,
  Date: 11,
  LongString: 12,
  Unsupported: 13,
  Xml: 15,
  TypedObject: 16,
  Amf3: 17
};
var MAX_SHORT_TEXT = 65535;
var utf83 = new TextEncoder();
function encodeAmf0(...values) {
  const out = new ByteWriter(256);
  for (const value of values) writeAmf0(out, value);
  return out.view();
}
function writeAmf0(out, value, depth = 0) {
  if (depth > MAX_AMF_DEPTH) throw new RangeError(`Cannot write AMF0 nested deeper than ${MAX_AMF_DEPTH} levels`);
  switch (typeof value) {
    case "number":
      return void out.u8(Marker.Number).f64(value);
    case "boolean":
      return void out.u8(Marker.Boolean).u8(value ? 1 : 0);
    case "string":
      return writeString(out, value);
    case "undefined":
      return void out.u8(Marker.Undefined);
    default:
      return value === null ? void out.u8(Marker.Null) : writeComplex2(out, value, depth);
  }
}
function writeComplex2(out, value, depth) {
  if (value instanceof EcmaArray) {
    out.u8(Marker.EcmaArray).u32(Object.keys(value.properties).length);
    writeProperties(out, value.properties, depth);
  } else if (value instanceof TypedObject) {
    writeShortText(out.u8(Marker.TypedObject), value.className);
    writeProperties(out, value.properties, depth);
  } else if (value instanceof Date) {
    out.u8(Marker.Date).f64(value.getTime()).u16(0);
  } else if (value instanceof Array) {
    out.u8(Marker.StrictArray).u32(value.length);
    for (const item of value) writeAmf0(out, item, depth + 1);
  } else if (value instanceof XmlDocument) {
    const text = utf83.encode(value.xml);
    out.u8(Marker.Xml).u32(text.length).raw(text);
  } else if (value instanceof Unsupported) {
    out.u8(Marker.Unsupported);
  } else if (value instanceof Uint8Array || value instanceof Map) {
    writeAmf3(out.u8(Marker.Amf3), value, depth);
  } else {
    writeProperties(out.u8(Marker.Object), value, depth);
  }
}
function writeProperties(out, properties, depth) {
  for (const key of Object.keys(properties)) {
    writeShortText(out, key);
    writeAmf0(out, properties[key], depth + 1);
  }
  out.u16(0).u8(Marker.ObjectEnd);
}
function writeString(out, value) {
  const text = utf83.encode(value);
  if (text.length <= MAX_SHORT_TEXT) out.u8(Marker.String).u16(text.length).raw(text);
  else out.u8(Marker.LongString).u32(text.length).raw(text);
}
function writeShortText(out, value) {
  const text = utf83.encode(value);
  if (text.length > MAX_SHORT_TEXT) {
    throw new RangeError(`Cannot write an AMF0 name of ${text.length} bytes: ${MAX_SHORT_TEXT} fit`);
  }
  out.u16(text.length).raw(text);
}

// media/flv/header.ts
var FLV_HEADER_BYTES = 9;
var FLAG_AUDIO = 4;
var FLAG_VIDEO = 1;
function flvHeader({ hasAudio, hasVideo }) {
  const flags = (hasAudio ? FLAG_AUDIO : 0) | (hasVideo ? FLAG_VIDEO : 0);
  return Uint8Array.of(70, 76, 86, 1, flags, 0, 0, 0, FLV_HEADER_BYTES, 0, 0, 0, 0);
}

// media/flv/tag.ts
var TAG_AUDIO = 8;
var TAG_VIDEO = 9;
var TAG_SCRIPT = 18;
var TAG_HEADER_BYTES = 11;
var TAG_OVERHEAD_BYTES = TAG_HEADER_BYTES + 4;
var MAX_TAG_BODY = 16777215;
function writeFlvTag(out, tagType, timestamp, body) {
  if (body.length > MAX_TAG_BODY) {
    throw new RangeError(`Cannot write an FLV tag of ${body.length} bytes: ${MAX_TAG_BODY} is the most`);
  }
  out.u8(tagType).u24(body.length).u24(timestamp & 16777215).u8(timestamp >>> 24).u24(0);
  out.raw(body).u32(TAG_HEADER_BYTES + body.length);
}

// web/push/upload/flv_upload.ts
var FlvUpload = class {
  #configs = /* @__PURE__ */ new Map();
  #codecs = /* @__PURE__ */ new Map();
  #metadata = {};
  #needsKey = true;
  #zero = 0;
  /** What is sent, the video's codec before the audio's. */
  get codecs() {
    return [
      "video",
      "audio"
    ].flatMap((kind) => this.#codecs.get(kind) ?? []);
  }
  /** What the next publication says of the stream. */
  describe(metadata) {
    this.#metadata = metadata;
  }
  /** What a publication that begins at `time` begins with; `zero` is the time that it counts from. In microseconds. */
  begin(time, zero = 0) {
    this.#zero = zero;
    const out = new ByteWriter().raw(flvHeader({
      hasAudio: true,
      hasVideo: true
    }));
    this.#needsKey = true;
    writeFlvTag(out, TAG_SCRIPT, milliseconds(time - zero), encodeAmf0("onMetaData", new EcmaArray({
      ...this.#metadata
    })));
    for (const config of this.#configs.values()) append(out, {
      ...config,
      dts: time - zero
    });
    return out.view();
  }
  /**
   * Keeps a configuration for the publications to come.
   *
   * False when it is what is kept already: nothing needs to be sent.
   */
  keep(config) {
    const known = this.#configs.get(config.kind);
    if (known && isSame(known.body, config.body)) return false;
    this.#configs.set(config.kind, config);
    return true;
  }
  /** The bytes of a packet; undefined for a frame that nobody could decode, since no key frame has come before. */
  tag(packet) {
    this.#codecs.set(packet.kind, packet.codec);
    if (packet.role === "key") this.#needsKey = false;
    else if (packet.role === "delta" && this.#needsKey) return void 0;
    const out = new ByteWriter(packet.body.length + TAG_OVERHEAD_BYTES);
    append(out, {
      ...packet,
      dts: Math.max(0, packet.dts - this.#zero)
    });
    return out.view();
  }
};
function append(out, { kind, dts, body }) {
  writeFlvTag(out, kind === "video" ? TAG_VIDEO : TAG_AUDIO, milliseconds(dts), body);
}
function milliseconds(time) {
  return Math.floor(time / 1e3);
}
function isSame(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

// web/push/encode/pressure.ts
var LOWER_MS = 150;
var DROP_MS = 400;
var RESUME_MS = 100;
var CALM_MS = 60;
var MAX_ENCODER_QUEUE = 2;
var LOWER_EVERY_MS = 1e3;
var FIRST_CALM_MS = 4e3;
var LONGEST_CALM_MS = 6e4;
var DOWN = 0.75;
var UP = 1.15;
var SHARE_OF_UPLOAD = 0.8;
var Pressure = class {
  #range;
  #bitrate;
  #before;
  #upload = 0;
  #isBlocked = false;
  #loweredAt = Number.NEGATIVE_INFINITY;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #calmSince;
  #calmNeeded = FIRST_CALM_MS;
  constructor(range) {
    this.#range = range;
    this.#bitrate = range.ceiling;
  }
  /** What the encoder should make now, in bits per second. */
  get bitrate() {
    return this.#bitrate;
  }
  /** What left lately, in bits per second. */
  get upload() {
    return this.#upload;
  }
  /** How much of the stream waits, in milliseconds. */
  waiting(queuedBytes) {
    return queuedBytes * 8e3 / this.#bitrate;
  }
  /** Whether a frame may be encoded now; `encoderQueue` is how many are in the encoder. */
  admits(queuedBytes, encoderQueue) {
    const waiting = this.waiting(queuedBytes);
    if (waiting >= DROP_MS) this.#isBlocked = true;
    else if (waiting < RESUME_MS) this.#isBlocked = false;
    return !this.#isBlocked && encoderQueue <= MAX_ENCODER_QUEUE;
  }
  /** Looks at the connection, a few times a second; true when the bit rate has changed. */
  look(load) {
    const before = this.#before;
    this.#before = load;
    if (!before || load.at <= before.at || load.givenBytes < before.givenBytes) return false;
    const left = load.givenBytes - load.queuedBytes - (before.givenBytes - before.queuedBytes);
    this.#upload = Math.max(0, left) * 8e3 / (load.at - before.at);
    const waiting = this.waiting(load.queuedBytes);
    this.#noteCalm(waiting, load.at);
    if (waiting >= LOWER_MS) return this.#lower(load.at);
    return this.#isCalmEnough(load.at) && this.#raise(load.at);
  }
  /** A connection begins: nothing waits, and nothing is known of it. */
  restart() {
    this.#before = void 0;
    this.#isBlocked = false;
    this.#calmSince = void 0;
  }
  #noteCalm(waiting, at) {
    if (waiting >= CALM_MS) this.#calmSince = void 0;
    else this.#calmSince ??= at;
  }
  #isCalmEnough(at) {
    return this.#calmSince !== void 0 && at - this.#calmSince >= this.#calmNeeded;
  }
  #lower(at) {
    if (at - this.#loweredAt < LOWER_EVERY_MS) return false;
    if (at - this.#raisedAt < this.#calmNeeded) this.#calmNeeded = Math.min(LONGEST_CALM_MS, this.#calmNeeded * 2);
    this.#loweredAt = at;
    return this.#set(Math.min(this.#bitrate * DOWN, Math.max(this.#upload * SHARE_OF_UPLOAD, this.#bitrate / 2)));
  }
  #raise(at) {
    this.#calmSince = at;
    this.#raisedAt = at;
    return this.#set(this.#bitrate * UP);
  }
  #set(bitrate) {
    const before = this.#bitrate;
    this.#bitrate = Math.round(Math.max(this.#range.floor, Math.min(this.#range.ceiling, bitrate)));
    return this.#bitrate !== before;
  }
};

// web/push/upload/publish_address.ts
function publishAddress(page, path, key) {
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${page.host}/${path}${key === "" ? "" : `?key=${encodeURIComponent(key)}`}`;
}
var PATH = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;
function pathFault(path) {
  if (PATH.test(path)) return void 0;
  if (path === "") return "A stream needs a name, such as live/cam";
  if (path.split("/").length !== 2) return "A stream's name has two parts, such as live/cam";
  return "A stream's name is made of letters, digits, _ and -, such as live/cam";
}
function openWebSocket(url) {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  return socket;
}

// web/push/upload/upload_probe.ts
var TAG_PADDING = 1;
var FIRST_BYTES = 65536;
var MEASURED_BYTES = 524288;
var SLOW_MS = 500;
function paddingTag(bytes) {
  const tag = new Uint8Array(bytes);
  const view = new DataView(tag.buffer);
  view.setUint32(0, TAG_PADDING << 24 | bytes - TAG_OVERHEAD_BYTES);
  view.setUint32(bytes - 4, bytes - 4);
  return tag;
}
async function measureUpload(link, tick, now) {
  const first = await timeOf(link, FIRST_BYTES, tick, now);
  if (first === void 0 || first >= SLOW_MS) return first && FIRST_BYTES * 8e3 / first;
  const measured = await timeOf(link, MEASURED_BYTES, tick, now);
  return measured === void 0 ? void 0 : MEASURED_BYTES * 8e3 / Math.max(1, measured);
}
async function timeOf(link, bytes, tick, now) {
  const began = now();
  link.send(paddingTag(bytes));
  do {
    await tick();
    if (!link.isOpen) return void 0;
  } while (link.queuedBytes > 0);
  return now() - began;
}

// web/push/upload/close_meaning.ts
var STATUS_BASE = 4e3;
function closeMeaning(code) {
  switch (code) {
    case 1e3:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return "refused";
    case STATUS_BASE + 409:
      return "taken";
    case STATUS_BASE + 408:
    case STATUS_BASE + 429:
      return "retry";
    default:
      return code > STATUS_BASE && code < STATUS_BASE + 500 ? "refused" : "retry";
  }
}
function closeWords(code, reason, wasOpen) {
  if (reason !== "") return reason;
  if (code === 1e3) return "The server ended the stream";
  if (code === 1001 || code === 1012) return "The server is restarting";
  if (code === 1006) return wasOpen ? "The connection to the server broke" : "The server cannot be reached";
  return `The server closed the connection with code ${code}`;
}

// web/push/upload/uplink.ts
var RETRY_MS = [
  250,
  500,
  1e3,
  2e3,
  4e3
];
var GOOD_MS = 5e3;
var OWN_NAME_MS = 2e4;
var NORMAL = 1e3;
var Uplink = class {
  #host;
  #status = {
    phase: "idle"
  };
  #socket;
  #cancelTimer;
  #attempts = 0;
  #openedAt = 0;
  #brokeAt = Number.NEGATIVE_INFINITY;
  #given = 0;
  #total = 0;
  constructor(host) {
    this.#host = host;
  }
  /** How the connection is. */
  get status() {
    return this.#status;
  }
  /** Whether the server has said yes, and takes what is sent. */
  get isOpen() {
    return this.#status.phase === "open";
  }
  /** What waits in the connection, in bytes. */
  get queuedBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }
  /** What this connection has been given, in bytes. */
  get givenBytes() {
    return this.#given;
  }
  /** What has left in all connections, in bytes. */
  get sentBytes() {
    return this.#total + this.#given - this.queuedBytes;
  }
  /** Connects, and stays connected until {@linkcode Uplink.stop}. */
  start() {
    this.#attempts = 0;
    this.#brokeAt = Number.NEGATIVE_INFINITY;
    this.#connect();
  }
  /** Ends the stream. */
  stop() {
    this.#drop(NORMAL);
    this.#enter("idle");
  }
  /** Sends bytes; while there is no connection they are lost. */
  send(bytes) {
    if (!this.isOpen) return;
    this.#given += bytes.length;
    this.#socket.send(bytes);
  }
  #connect() {
    this.#drop();
    this.#enter("connecting", this.#status.words);
    const socket = this.#host.open();
    this.#socket = socket;
    socket.onopen = () => {
      this.#openedAt = this.#host.now();
      this.#status = {
        phase: "open"
      };
      this.send(this.#host.onOpen());
      this.#enter("open");
    };
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
  }
  #onClose(code, reason) {
    const now = this.#host.now();
    const wasOpen = this.isOpen;
    const words = closeWords(code, reason, wasOpen);
    if (wasOpen && now - this.#openedAt >= GOOD_MS) this.#attempts = 0;
    this.#drop();
    if (!this.#shouldRetry(code, now)) return this.#enter("refused", words);
    if (wasOpen && closeMeaning(code) === "retry") this.#brokeAt = now;
    this.#enter("waiting", words);
    const wait = RETRY_MS[Math.min(this.#attempts++, RETRY_MS.length - 1)];
    this.#cancelTimer = this.#host.later(() => this.#connect(), wait);
  }
  #shouldRetry(code, now) {
    const meaning = closeMeaning(code);
    return meaning === "retry" || meaning === "taken" && now - this.#brokeAt < OWN_NAME_MS;
  }
  #drop(code) {
    this.#cancelTimer?.();
    this.#cancelTimer = void 0;
    const socket = this.#socket;
    if (!socket) return;
    this.#total += this.#given - socket.bufferedAmount;
    this.#given = 0;
    this.#socket = void 0;
    socket.onopen = null;
    socket.onclose = null;
    socket.close(code);
  }
  #enter(phase, words) {
    this.#status = {
      phase,
      words
    };
    this.#host.onChange(this.#status);
  }
};

// media/codec/av1_units.ts
var HAS_EXTENSION = 4;
var HAS_SIZE = 2;
function* readAv1Units(bytes) {
  const input = new ByteReader(bytes);
  while (input.left > 0) {
    const header = input.u8();
    if (header & HAS_EXTENSION) input.u8();
    const payload = header & HAS_SIZE ? input.raw(leb128(input)) : input.rest();
    yield {
      type: header >> 3 & 15,
      payload
    };
  }
}
function leb128(input) {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = input.u8();
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return value;
  }
  throw new FormatError("AV1 unit has a size without an end");
}

// media/codec/config_writer.ts
var SEQUENCE_HEADER = 1;
var HAS_SIZE2 = 2;
var MAX_HEADER_BYTES = 127;
var PRE_SKIP = 312;
var DEFAULTS = {
  chroma: "110",
  vpChroma: 1,
  colour: 1
};
function av1Record(codecString, keyFrame) {
  const match = /^av01\.(\d)\.(\d\d)([MH])\.(\d\d)(?:\.(\d)(?:\.(\d{3}))?)?/.exec(codecString);
  if (!match) throw new FormatError(`Not a codec string of AV1: ${codecString}`);
  const [profile, level, depth, monochrome] = [
    match[1],
    match[2],
    match[4],
    match[5] ?? "0"
  ].map(Number);
  const [x, y, position] = [
    ...match[6] ?? DEFAULTS.chroma
  ].map(Number);
  const out = new ByteWriter(64).u8(129).u8(profile << 5 | level);
  const deep = (depth > 8 ? 64 : 0) | (depth > 10 ? 32 : 0);
  out.u8((match[3] === "H" ? 128 : 0) | deep | monochrome << 4 | x << 3 | y << 2 | position & 3).u8(0);
  return out.raw(sequenceHeaderUnit(keyFrame)).view();
}
function sequenceHeaderUnit(keyFrame) {
  for (const { type, payload } of readAv1Units(keyFrame)) {
    if (type !== SEQUENCE_HEADER || payload.length > MAX_HEADER_BYTES) continue;
    return new ByteWriter(payload.length + 2).u8(SEQUENCE_HEADER << 3 | HAS_SIZE2).u8(payload.length).raw(payload).view();
  }
  throw new FormatError("AV1 key frame has no sequence header");
}
function vpRecord(codecString) {
  if (codecString === "vp8") return vpRecord("vp08.00.10.08");
  const match = /^vp0[89](\.\d\d){3,8}$/.exec(codecString);
  if (!match) throw new FormatError(`Not a codec string of VP8 or VP9: ${codecString}`);
  const [profile, level, depth, ...rest] = codecString.split(".").slice(1).map(Number);
  const { colour, vpChroma } = DEFAULTS;
  const [chroma = vpChroma, primaries = colour, transfer = colour, matrix = colour, range = 0] = rest;
  return Uint8Array.of(profile, level, depth << 4 | chroma << 1 | range, primaries, transfer, matrix, 0, 0);
}
function opusHead(channels, inputSampleRate) {
  const out = new ByteWriter(19).raw(new TextEncoder().encode("OpusHead")).u8(1).u8(channels);
  return out.u8(PRE_SKIP & 255).u8(PRE_SKIP >> 8).u32le(inputSampleRate).u16(0).u8(0).view();
}

// web/push/encode/codec_choice.ts
var VIDEO_CODECS2 = [
  "avc",
  "hevc",
  "vp9",
  "av1"
];
var AVC_LEVELS = [
  [
    1620,
    40500,
    "1e"
  ],
  [
    3600,
    108e3,
    "1f"
  ],
  [
    5120,
    216e3,
    "20"
  ],
  [
    8192,
    245760,
    "28"
  ],
  [
    8704,
    522240,
    "2a"
  ],
  [
    36864,
    983040,
    "33"
  ],
  [
    36864,
    2073600,
    "34"
  ]
];
var HEVC_LEVELS = [
  [
    552960,
    16588800,
    "90"
  ],
  [
    983040,
    33177600,
    "93"
  ],
  [
    2228224,
    66846720,
    "120"
  ],
  [
    2228224,
    133693440,
    "123"
  ],
  [
    8912896,
    267386880,
    "150"
  ],
  [
    8912896,
    534773760,
    "153"
  ]
];
var VP9_LEVELS = [
  [
    552960,
    20736e3,
    "30"
  ],
  [
    983040,
    36864e3,
    "31"
  ],
  [
    2228224,
    83558400,
    "40"
  ],
  [
    2228224,
    160432128,
    "41"
  ],
  [
    8912896,
    311951360,
    "50"
  ],
  [
    8912896,
    588251136,
    "51"
  ]
];
var AV1_LEVELS = [
  [
    665856,
    24969600,
    "04"
  ],
  [
    1065024,
    39938400,
    "05"
  ],
  [
    2359296,
    77856768,
    "08"
  ],
  [
    2359296,
    155713536,
    "09"
  ],
  [
    8912896,
    273715200,
    "12"
  ],
  [
    8912896,
    547430400,
    "13"
  ]
];
function codecStrings(codec, { width, height }, framesPerSecond) {
  const samples = width * height;
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  switch (codec) {
    case "avc": {
      const level = levelFor(AVC_LEVELS, blocks, framesPerSecond);
      return [
        "6400",
        "4d00",
        "42e0"
      ].map((profile) => `avc1.${profile}${level}`);
    }
    case "hevc":
      return [
        `hvc1.1.6.L${levelFor(HEVC_LEVELS, samples, framesPerSecond)}.B0`
      ];
    case "vp9":
      return [
        `vp09.00.${levelFor(VP9_LEVELS, samples, framesPerSecond)}.08`
      ];
    case "av1":
      return [
        `av01.0.${levelFor(AV1_LEVELS, samples, framesPerSecond)}M.08`
      ];
  }
}
function levelFor(levels, picture, framesPerSecond) {
  const fits = ([largest, most]) => picture <= largest && picture * framesPerSecond <= most;
  return (levels.find(fits) ?? levels[levels.length - 1])[2];
}

// web/push/encode/picture_size.ts
function fitSize({ width, height }, limit) {
  const scale = Math.min(1, limit / Math.min(width, height));
  return {
    width: even(width * scale),
    height: even(height * scale)
  };
}
function wideSize(shortSide) {
  return {
    width: even(shortSide * 16 / 9),
    height: even(shortSide)
  };
}
function even(length) {
  return Math.max(2, Math.round(length / 2) * 2);
}
var BITS_PER_PIXEL = 0.09;
var THRIFT = {
  avc: 1,
  hevc: 0.7,
  vp9: 0.7,
  av1: 0.6
};
var ROUND = 1e5;
function suggestedBitrate({ width, height }, framesPerSecond, codec) {
  const frames = 30 * Math.sqrt(framesPerSecond / 30);
  const bitrate = width * height * frames * BITS_PER_PIXEL * (THRIFT[codec] ?? 1);
  return Math.max(ROUND, Math.round(bitrate / ROUND) * ROUND);
}

// web/push/encode/copy_bytes.ts
function copyOf(source) {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  return new Uint8Array(source).slice();
}

// web/push/encode/video_encoding.ts
async function findConfig(format, size) {
  for (const codec of codecStrings(format.codec, size, format.framesPerSecond)) {
    const config = configOf(codec, format, size);
    if (await isSupported(config)) return config;
  }
}
async function findCodecs(format, size) {
  const found = await Promise.all(VIDEO_CODECS2.map((codec) => findConfig({
    ...format,
    codec
  }, size)));
  return VIDEO_CODECS2.filter((_, i) => found[i]);
}
function configOf(codec, format, size) {
  return {
    ...size,
    codec,
    bitrate: format.bitrate,
    framerate: format.framesPerSecond,
    latencyMode: "realtime",
    ...format.codec === "avc" && {
      avc: {
        format: "avc"
      }
    },
    ...format.codec === "hevc" && {
      hevc: {
        format: "hevc"
      }
    }
  };
}
async function isSupported(config) {
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported ?? false;
  } catch {
    return false;
  }
}
var VideoTrackEncoder = class {
  #format;
  #events;
  #encoder;
  #source = {
    width: 0,
    height: 0
  };
  #config;
  #isConfiguring = false;
  #needsKey = false;
  #bitrate;
  constructor(format, events) {
    this.#format = format;
    this.#events = events;
    this.#bitrate = format.bitrate;
    this.#encoder = new VideoEncoder({
      output: (chunk, meta) => this.#onChunk(chunk, meta),
      error: events.onError
    });
  }
  /** How many frames wait to be encoded. */
  get queue() {
    return this.#encoder.encodeQueueSize;
  }
  /** What is being made; undefined before the first frame. */
  get config() {
    return this.#config;
  }
  /** Makes more or fewer bits from now on. */
  setBitrate(bitrate) {
    this.#bitrate = bitrate;
    if (!this.#config || this.#isConfiguring || this.#encoder.state !== "configured") return;
    this.#config = {
      ...this.#config,
      bitrate
    };
    this.#encoder.configure(this.#config);
  }
  /** Encodes a frame whose timestamp is the session's time; false when it was left out. The frame stays the caller's. */
  encode(frame, isKey) {
    if (this.#encoder.state === "closed") return false;
    const { displayWidth: width, displayHeight: height } = frame;
    if (width !== this.#source.width || height !== this.#source.height) this.#configure({
      width,
      height
    });
    this.#needsKey ||= isKey;
    if (this.#isConfiguring) return false;
    this.#encoder.encode(frame, {
      keyFrame: this.#needsKey
    });
    this.#needsKey = false;
    return true;
  }
  [Symbol.dispose]() {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }
  async #configure(source) {
    this.#source = source;
    this.#isConfiguring = true;
    const config = await findConfig({
      ...this.#format,
      bitrate: this.#bitrate
    }, fitSize(source, this.#format.shortSide));
    if (this.#source !== source || this.#encoder.state === "closed") return;
    if (!config) return this.#events.onError(unsupported(this.#format, source));
    this.#config = config;
    this.#encoder.configure(config);
    this.#needsKey = true;
    this.#isConfiguring = false;
  }
  #onChunk(chunk, meta) {
    const { codec } = this.#format;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const common = {
      kind: "video",
      codec,
      dts: chunk.timestamp
    };
    const record = meta?.decoderConfig && recordOf(codec, meta.decoderConfig, data);
    if (record) this.#events.onPacket({
      ...common,
      role: "config",
      body: videoConfigBody(codec, record)
    });
    const isKey = chunk.type === "key";
    this.#events.onPacket({
      ...common,
      role: isKey ? "key" : "delta",
      body: videoFrameBody(codec, isKey, 0, data)
    });
  }
};
function recordOf(codec, { codec: text, description }, frame) {
  if (description) return copyOf(description);
  if (codec === "av1") return av1Record(text, frame);
  return codec === "vp9" ? vpRecord(text) : void 0;
}
function unsupported({ codec }, { width, height }) {
  return new DOMException(`This browser cannot encode ${width} \xD7 ${height} in ${codec}`, "NotSupportedError");
}

// web/push/upload/rendition.ts
var LONG_GAP_MS = 1e3;
var MAX_FAILURES = 3;
var FLOOR_SHARE = 0.08;
var FLOOR_BITRATE = 1e5;
var Rendition = class {
  #plan;
  #host;
  #upload = new FlvUpload();
  #uplink;
  #pressure;
  #encoder;
  #isMeasuring = false;
  #failures = 0;
  #frames = 0;
  #dropped = 0;
  #gapSince;
  constructor(plan, host) {
    this.#plan = plan;
    this.#host = host;
    const ceiling = plan.video.bitrate;
    this.#pressure = new Pressure({
      ceiling,
      floor: Math.min(ceiling, Math.max(FLOOR_BITRATE, ceiling * FLOOR_SHARE))
    });
    this.#uplink = new Uplink({
      open: () => openWebSocket(plan.url),
      later: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      now: () => performance.now(),
      onChange: () => host.onChange(),
      onOpen: () => this.#begin()
    });
  }
  /** How its connection is. */
  get status() {
    return this.#uplink.status;
  }
  /** What has come of it so far. */
  get figures() {
    const { width = 0, height = 0 } = this.#encoder?.config ?? {};
    return {
      at: performance.now(),
      frames: this.#frames,
      dropped: this.#dropped,
      sentBytes: this.#uplink.sentBytes,
      queueMs: this.#pressure.waiting(this.#uplink.queuedBytes),
      bitrate: this.#pressure.bitrate,
      width,
      height,
      codecs: this.#upload.codecs.map(codecName).join(" \xB7 ")
    };
  }
  /** Begins to connect, and goes on doing so until it is stopped. */
  start(metadata) {
    this.#upload.describe(metadata);
    this.#uplink.start();
  }
  /** Ends the stream; it can be started again. */
  stop() {
    this.#uplink.stop();
    this.#encoder?.[Symbol.dispose]();
    this.#encoder = void 0;
  }
  /** Ends the stream. */
  [Symbol.dispose]() {
    this.stop();
  }
  /**
   * Measures what the connection carries, in bits per second; undefined when it closes meanwhile. No picture is encoded
   * until it is done.
   */
  async measure(tick) {
    this.#isMeasuring = true;
    try {
      return await measureUpload(this.#uplink, tick, () => performance.now());
    } finally {
      this.#isMeasuring = false;
      this.#pressure.restart();
    }
  }
  /** Whether a frame may be encoded now; counts it as dropped when it may not although there is a connection. */
  admits() {
    if (!this.#uplink.isOpen || this.#isMeasuring) return false;
    const now = performance.now();
    if (!this.#pressure.admits(this.#uplink.queuedBytes, this.#encoder?.queue ?? 0)) {
      this.#dropped++;
      this.#gapSince ??= now;
      return false;
    }
    if (this.#gapSince !== void 0 && now - this.#gapSince >= LONG_GAP_MS) this.#host.onGap();
    this.#gapSince = void 0;
    return true;
  }
  /** Encodes a frame whose timestamp is the session's time. The frame stays the caller's. */
  encode(frame, isKey) {
    this.#encoder ??= this.#openEncoder(this.#plan.video);
    this.#encoder.encode(frame, isKey);
  }
  /** Sends what is encoded already. */
  send(packet) {
    if (packet.role === "config" && !this.#upload.keep(packet)) return;
    if (!this.#uplink.isOpen) return;
    const bytes = this.#upload.tag(packet);
    if (bytes) this.#uplink.send(bytes);
  }
  /** Looks at the connection, a few times a second. */
  look() {
    if (!this.#uplink.isOpen || this.#isMeasuring) return;
    const { givenBytes, queuedBytes } = this.#uplink;
    const isChanged = this.#pressure.look({
      at: performance.now(),
      givenBytes,
      queuedBytes
    });
    if (isChanged) this.#encoder?.setBitrate(this.#pressure.bitrate);
  }
  #begin() {
    this.#pressure.restart();
    const zero = this.#host.onOpen();
    return this.#upload.begin(this.#host.now(), zero);
  }
  #openEncoder(format) {
    return new VideoTrackEncoder({
      ...format,
      bitrate: this.#pressure.bitrate
    }, {
      onPacket: (packet) => {
        if (packet.role !== "config") this.#frames++;
        this.#failures = 0;
        this.send(packet);
      },
      onError: (error) => this.#onError(error)
    });
  }
  /** An encoder that the browser took away is opened anew. */
  #onError(error) {
    this.#encoder?.[Symbol.dispose]();
    this.#encoder = void 0;
    this.#failures++;
    if (error.name === "NotSupportedError" || this.#failures >= MAX_FAILURES) this.#host.onFailed(error.message);
  }
};

// web/push/encode/sound_encoding.ts
var CODEC_STRINGS = {
  aac: "mp4a.40.2",
  opus: "opus"
};
var SOUND_FORMAT = {
  sampleRate: SAMPLE_RATE,
  channels: 2,
  bitrate: 128e3
};
async function openSound(wanted, onSound, onError) {
  const open = [
    () => openBrowserEncoder(wanted, onSound, onError),
    ...wanted === "aac" ? [
      () => openLibraryEncoder(onSound, onError)
    ] : [],
    ...wanted === "opus" ? [] : [
      () => openBrowserEncoder("opus", onSound, onError)
    ]
  ];
  let failure;
  for (const attempt of open) {
    try {
      return await attempt();
    } catch (error) {
      failure = error;
    }
  }
  throw new DOMException(`This browser encodes neither AAC nor Opus: ${failure}`, "NotSupportedError");
}
async function openLibraryEncoder(onSound, onError) {
  const { openAac } = await loadLibrary("aac");
  return await openAac(SOUND_FORMAT, onSound, onError);
}
async function openBrowserEncoder(codec, onSound, onError) {
  const { sampleRate, channels, bitrate } = SOUND_FORMAT;
  const config = {
    codec: CODEC_STRINGS[codec],
    sampleRate,
    numberOfChannels: channels,
    bitrate
  };
  const { supported } = await AudioEncoder.isConfigSupported(config);
  if (!supported) throw new DOMException(`${codec} is not supported`, "NotSupportedError");
  return new BrowserEncoder(codec, config, onSound, onError);
}
var BrowserEncoder = class {
  codec;
  #encoder;
  constructor(codec, config, onSound, onError) {
    this.codec = codec;
    this.#encoder = new AudioEncoder({
      error: onError,
      output: (chunk, meta) => {
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        onSound({
          data,
          timestamp: chunk.timestamp,
          config: this.#configOf(meta)
        });
      }
    });
    this.#encoder.configure(config);
  }
  encode({ start, channels }) {
    if (this.#encoder.state !== "configured") return;
    const data = new Float32Array(channels.length * BLOCK_FRAMES);
    channels.forEach((channel, i) => data.set(channel, i * BLOCK_FRAMES));
    const timestamp = Math.round(start * 1e6 / SAMPLE_RATE);
    const format = {
      format: "f32-planar",
      sampleRate: SAMPLE_RATE
    };
    const sound = new AudioData({
      ...format,
      numberOfFrames: BLOCK_FRAMES,
      numberOfChannels: channels.length,
      timestamp,
      data
    });
    this.#encoder.encode(sound);
    sound.close();
  }
  [Symbol.dispose]() {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }
  #configOf(meta) {
    if (!meta?.decoderConfig) return void 0;
    const { description } = meta.decoderConfig;
    if (description) return copyOf(description);
    return this.codec === "opus" ? opusHead(SOUND_FORMAT.channels, SAMPLE_RATE) : void 0;
  }
};

// web/push/capture/source_clock.ts
var MAX_APART = 25e4;
var FOLLOW = 0.02;
var MIN_STEP = 1e3;
var SourceClock = class {
  #offset;
  #last = Number.NEGATIVE_INFINITY;
  /** A stamp has arrived at `now`; both in microseconds. */
  observe(stamp, now) {
    const offset = now - stamp;
    if (this.#offset === void 0 || Math.abs(offset - this.#offset) > MAX_APART) this.#offset = offset;
    else this.#offset += (offset - this.#offset) * FOLLOW;
  }
  /** The session's time of a stamp, in whole microseconds, later than all before. Never before the first was observed. */
  place(stamp) {
    const time = Math.round(stamp + (this.#offset ?? 0));
    return this.#last = Math.max(0, time, this.#last + MIN_STEP);
  }
  /** Another source takes over: its stamps have nothing to do with those before. Times go on increasing. */
  restart() {
    this.#offset = void 0;
  }
};

// web/push/broadcast.ts
var LOOK_EVERY = 25e4;
var REPEAT_AFTER = 2e5;
var Broadcast = class {
  #plan;
  #events;
  #renditions;
  #began = performance.now();
  #pictureClock = new SourceClock();
  #soundClock = new SourceClock();
  #rhythm = new KeyRhythm();
  #gate;
  #encoder;
  #last;
  #waiting = [];
  #lookedAt = 0;
  #zero = 0;
  #isOver = false;
  constructor(plan, events) {
    this.#plan = plan;
    this.#events = events;
    this.#gate = new FrameGate(plan.framesPerSecond);
    this.#renditions = plan.renditions.map((rendition) => new Rendition(rendition, {
      now: () => this.#now(),
      onOpen: () => this.#onOpen(),
      onGap: () => this.#rhythm.request(),
      onChange: () => events.onChange(),
      onFailed: (words) => events.onFailed(words)
    }));
  }
  /**
   * Opens the sound's encoder and connects, all renditions or one of them alone; rejects when this browser cannot encode
   * sound.
   */
  async start(alone) {
    const encoder = await openSound(this.#plan.sound, (encoded) => this.#onSound(encoded), (error) => {
      if (!this.#isOver) this.#events.onFailed(error.message);
    });
    if (this.#isOver) return encoder[Symbol.dispose]();
    this.#encoder = encoder;
    this.#renditions.forEach((_, i) => {
      if (alone === void 0 || i === alone) this.switchOn(i);
    });
  }
  /** Connects a rendition, by its place in the plan. */
  switchOn(index) {
    this.#renditions[index].start(this.#plan.metadata);
  }
  /** Ends a rendition's stream; it can be connected again. */
  switchOff(index) {
    this.#renditions[index].stop();
  }
  /** Measures over a rendition what the connection carries, in bits per second; undefined when it closes meanwhile. */
  async measure(index) {
    return await this.#renditions[index].measure(() => {
      const { promise, resolve } = Promise.withResolvers();
      this.#waiting.push(resolve);
      return promise;
    });
  }
  /** Of the connections, in the order of the plan. */
  get statuses() {
    return this.#renditions.map(({ status }) => status);
  }
  /** Of the renditions, in the order of the plan. */
  get figures() {
    return this.#renditions.map(({ figures }) => figures);
  }
  /** Takes the next frame of the picture, whatever its clock; the broadcast closes it. */
  frame(frame) {
    if (this.#isOver) return frame.close();
    const now = this.#now();
    this.#pictureClock.observe(frame.timestamp, now);
    const time = this.#pictureClock.place(frame.timestamp);
    if (!this.#gate.takes(time)) return frame.close();
    this.#encode(frame, time);
    this.#last?.frame.close();
    this.#last = {
      frame,
      at: now
    };
  }
  /** Another source gives the picture from now on. */
  restartPicture() {
    this.#pictureClock.restart();
  }
  /** Takes the next block of sound; all that is done now and then is done by the way. */
  block(block) {
    if (this.#isOver) return;
    const now = this.#now();
    this.#soundClock.observe(block.start * 1e6 / SAMPLE_RATE, now);
    this.#encoder?.encode(block);
    for (const resolve of this.#waiting.splice(0)) resolve();
    if (this.#last && now - this.#last.at >= REPEAT_AFTER) this.#repeat(this.#last, now);
    if (now - this.#lookedAt < LOOK_EVERY) return;
    this.#lookedAt = now;
    for (const rendition of this.#renditions) rendition.look();
  }
  /** Ends the streams. */
  [Symbol.dispose]() {
    this.#isOver = true;
    this.#last?.frame.close();
    this.#last = void 0;
    this.#encoder?.[Symbol.dispose]();
    for (const rendition of this.#renditions) rendition[Symbol.dispose]();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
  /**
   * Several renditions count from when the first of them was connected: servers keep small stamps as they are, so that equal
   * stamps stay equal times in all of them. One alone counts on through all its connections.
   */
  #onOpen() {
    this.#rhythm.request();
    const open = this.#renditions.filter(({ status }) => status.phase === "open");
    if (this.#renditions.length > 1 && open.length <= 1) this.#zero = this.#now();
    return this.#zero;
  }
  #now() {
    return (performance.now() - this.#began) * 1e3;
  }
  #repeat(last, now) {
    this.#pictureClock.restart();
    this.#pictureClock.observe(now, now);
    this.#encode(last.frame, this.#pictureClock.place(now));
    this.#pictureClock.restart();
    last.at = now;
  }
  /** The frame stays the caller's. */
  #encode(frame, time) {
    const taking = this.#renditions.filter((rendition) => rendition.admits());
    if (taking.length === 0) return;
    const isKey = this.#rhythm.isDue(time);
    const stamped = new VideoFrame(frame, {
      timestamp: time
    });
    for (const rendition of taking) rendition.encode(stamped, isKey);
    stamped.close();
  }
  #onSound({ data, timestamp, config }) {
    if (this.#isOver || !this.#encoder) return;
    const { codec } = this.#encoder;
    const dts = this.#soundClock.place(timestamp);
    const configBody = config && audioConfigBody(codec, config);
    const body = audioFrameBody(codec, data);
    for (const rendition of this.#renditions) {
      if (configBody) rendition.send({
        kind: "audio",
        role: "config",
        codec,
        dts,
        body: configBody
      });
      rendition.send({
        kind: "audio",
        role: "frame",
        codec,
        dts,
        body
      });
    }
  }
};

// web/shared/live_list.ts
var POLL_MS = 2e3;
var LiveList = class {
  #onAnswer;
  #timer;
  #asking;
  /** `onAnswer` gets each answer; undefined when the server could not be asked. */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer;
    document.addEventListener("visibilitychange", () => this.refresh());
    this.refresh();
  }
  /** Asks at once. */
  refresh() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (!document.hidden) this.#ask();
  }
  async #ask() {
    const asking = this.#asking = new AbortController();
    const answer = await fetchLive(asking.signal);
    if (asking.signal.aborted) return;
    this.#onAnswer(answer);
    this.#timer = globalThis.setTimeout(() => this.refresh(), POLL_MS);
  }
};
async function fetchLive(signal) {
  try {
    const response = await fetch("/api/v1/live", {
      signal,
      cache: "no-store"
    });
    return response.ok ? await response.json() : void 0;
  } catch {
    return void 0;
  }
}

// web/shared/facts_list.ts
var FactsList = class {
  #list;
  #values = /* @__PURE__ */ new Map();
  constructor(list) {
    this.#list = list;
  }
  show(facts) {
    for (const [label, value] of facts) {
      const element = this.#values.get(label) ?? this.#add(label);
      if (element.textContent !== value) element.textContent = value;
    }
    this.#list.hidden = false;
  }
  hide() {
    this.#list.hidden = true;
  }
  #add(label) {
    const value = make("dd", {});
    this.#list.append(make("div", {}, make("dt", {
      textContent: label
    }), value));
    this.#values.set(label, value);
    return value;
  }
};

// web/shared/units.ts
var MOMENT = new Intl.DateTimeFormat(void 0, {
  dateStyle: "medium",
  timeStyle: "medium"
});
function bitrateText(bitsPerSecond) {
  const kilobits = Math.round(bitsPerSecond / 1e3);
  return kilobits < 1e3 ? `${kilobits} kbit/s` : `${(kilobits / 1e3).toFixed(kilobits < 1e5 ? 1 : 0)} Mbit/s`;
}
function bytesText(bytes) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

// web/shared/facts.ts
var UNKNOWN = "\u2013";
function duration(ms) {
  if (Number.isNaN(ms)) return UNKNOWN;
  const total = Math.max(0, Math.floor(ms / 1e3));
  const [hours, minutes, seconds] = [
    Math.floor(total / 3600),
    Math.floor(total / 60) % 60,
    total % 60
  ];
  const padded = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${padded(minutes)}:${padded(seconds)}` : `${minutes}:${padded(seconds)}`;
}

// web/push/upload/upload_facts.ts
var UNKNOWN2 = "\u2013";
function uploadFacts(before, now) {
  const seconds = (now.at - before.at) / 1e3;
  const rate = (count) => seconds > 0 && count >= 0 ? count / seconds : void 0;
  const upload = rate((now.sentBytes - before.sentBytes) * 8);
  const frames = rate(now.frames - before.frames);
  return [
    [
      "Frame rate",
      frames === void 0 ? UNKNOWN2 : `${Math.round(frames)} fps`
    ],
    [
      "Upload",
      upload === void 0 ? UNKNOWN2 : bitrateText(upload)
    ],
    ...now.bitrate === void 0 ? [] : [
      [
        "Encoder's target",
        bitrateText(now.bitrate)
      ]
    ],
    [
      "Waiting to be sent",
      `${Math.round(now.queueMs)} ms`
    ],
    [
      "Dropped frames",
      droppedText(now)
    ],
    [
      "Picture",
      now.width ? `${now.width} \xD7 ${now.height}` : UNKNOWN2
    ],
    [
      "Codecs",
      now.codecs || UNKNOWN2
    ],
    [
      "Sent",
      bytesText(now.sentBytes)
    ]
  ];
}
function audienceFacts(sinceMs, viewers) {
  return [
    [
      "On air for",
      sinceMs === void 0 ? UNKNOWN2 : duration(sinceMs)
    ],
    [
      "Viewers",
      viewers === void 0 ? UNKNOWN2 : String(viewers)
    ]
  ];
}
function droppedText({ dropped, frames }) {
  if (dropped === 0) return "0";
  return `${dropped} (${(100 * dropped / (dropped + frames)).toFixed(1)} %)`;
}

// web/push/live_status.ts
var FIGURES_MS = 1e3;
var LISTED_MS = 600;
var LiveStatus = class {
  #view;
  #facts;
  #list;
  #published;
  #phase;
  #paths = [];
  #startedAt;
  #before;
  #streams = [];
  #rtmpPort = null;
  #words;
  #label = "";
  constructor(view, facts) {
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
  follow(published, paths) {
    this.#published = published;
    this.#paths = paths;
    this.#words = void 0;
    this.#startedAt = void 0;
    this.#before = void 0;
    this.show();
  }
  /** Nothing is published any more; `words` say why, where the person did not end it, `label` in one. */
  unfollow(words, label = "Failed") {
    this.#label = label;
    this.#published = void 0;
    this.#paths = [];
    this.#words = words;
    this.#facts.hide();
    this.show();
  }
  /** Shows what has changed. */
  show() {
    const status = this.#published?.statuses[0] ?? {
      phase: "idle"
    };
    const words = describePublication({
      status,
      isListed: this.#isListed()
    });
    if (words.tone === "live") this.#startedAt ??= performance.now();
    else if (status.phase === "open" && this.#phase !== "open") setTimeout(() => this.#list.refresh(), LISTED_MS);
    this.#phase = status.phase;
    this.#view.show(this.#words ? {
      tone: "trouble",
      label: this.#label,
      title: this.#words
    } : words);
    this.#view.showAddresses(this.#published ? this.#paths : [], this.#rtmpPort);
  }
  #isListed() {
    return this.#streams.some(({ path, publisher }) => path === this.#paths[0] && publisher);
  }
  #showFigures() {
    const now = this.#published?.figures[0];
    if (!now) return;
    const stream = this.#streams.find(({ path }) => path === this.#paths[0]);
    const since = this.#startedAt === void 0 ? void 0 : now.at - this.#startedAt;
    const facts = [
      ...uploadFacts(this.#before ?? now, now),
      ...audienceFacts(since, stream?.viewers)
    ];
    this.#before = now;
    this.#facts.show(facts);
  }
};

// web/shared/addresses.ts
var RTMP_PORT = 1935;
function playAddress(path, transport, { page }, query = "") {
  const isSecure = page.protocol === "https:";
  const scheme = transport === "ws-flv" ? isSecure ? "wss:" : "ws:" : page.protocol;
  return `${scheme}//${page.host}/${path}.flv${query}`;
}
function hlsAddress(path, { page }, query = "") {
  return `${page.protocol}//${page.host}/hls/${path}/index.m3u8${query}`;
}
function playAddresses(path, server) {
  const rtmp = rtmpBase(server);
  return [
    ...rtmp ? [
      {
        label: "RTMP",
        text: `${rtmp}/${path}`
      }
    ] : [],
    {
      label: "HTTP-FLV",
      text: playAddress(path, "http-flv", server)
    },
    {
      label: "WS-FLV",
      text: playAddress(path, "ws-flv", server)
    },
    {
      label: "HLS",
      text: hlsAddress(path, server)
    }
  ];
}
function rtmpBase({ page, rtmpPort }) {
  if (rtmpPort === null) return void 0;
  return `rtmp://${page.hostname}${rtmpPort === RTMP_PORT ? "" : `:${rtmpPort}`}`;
}

// web/shared/address_items.ts
var CONFIRM_MS = 1600;
function addressItems(addresses) {
  return addresses.map(({ label, text }) => {
    const code = make("code", {}, ...breakable(text));
    const button = make("button", {
      type: "button",
      className: "secondary",
      textContent: "Copy"
    });
    button.setAttribute("aria-label", `Copy ${label}`);
    button.addEventListener("click", () => confirmCopy(button, code));
    return make("li", {}, make("span", {
      textContent: label
    }), code, button);
  });
}
async function confirmCopy(button, code) {
  button.textContent = await copy(code) ? "Copied" : "Selected";
  setTimeout(() => button.textContent = "Copy", CONFIRM_MS);
}
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return document.execCommand("copy");
  }
}

// web/push/wake_lock.ts
function keepAwake() {
  let lock;
  let isOver = false;
  const ask = async () => {
    if (document.hidden || isOver || !navigator.wakeLock) return;
    const given = await navigator.wakeLock.request("screen").catch(() => void 0);
    if (isOver) given?.release();
    else lock = given;
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return {
    [Symbol.dispose]() {
      isOver = true;
      document.removeEventListener("visibilitychange", ask);
      lock?.release();
    }
  };
}

// web/push/publication_view.ts
var PublicationView = class {
  #form = byId("publish-form", HTMLFormElement);
  #path = byId("publish-path", HTMLInputElement);
  #key = byId("publish-key", HTMLInputElement);
  #fault = byId("publish-fault", HTMLElement);
  #button = byId("go-live", HTMLButtonElement);
  #badge = byId("badge", HTMLElement);
  #status = byId("status", HTMLElement);
  #watchCard = byId("watch-card", HTMLElement);
  #watchLink = byId("watch-link", HTMLAnchorElement);
  #title = document.title;
  #isOn = false;
  #awake;
  /** `page` names the page among what the browser keeps; `onToggle` is called when the person goes live or ends it. */
  constructor(page, onToggle) {
    keepField(this.#path, `${page}:path`);
    keepField(this.#key, "publish-key");
    const wanted = new URLSearchParams(location.search).get("stream");
    if (wanted) this.#path.value = wanted;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onToggle();
    });
    this.#path.addEventListener("input", () => this.#showFault(void 0));
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({
      block: "nearest",
      inline: "center"
    });
  }
  /** What the form says; undefined, and the person is told why, when it is no name for a stream. */
  read() {
    const path = this.#path.value.trim();
    const fault = pathFault(path);
    this.#showFault(fault);
    if (fault) {
      this.#path.focus();
      return void 0;
    }
    return {
      path,
      key: this.#key.value
    };
  }
  /** Shows whether it is on: then the name and the key cannot be changed, and the device stays awake. */
  setOn(isOn) {
    this.#isOn = isOn;
    this.#awake?.[Symbol.dispose]();
    this.#awake = isOn ? keepAwake() : void 0;
    this.#button.textContent = isOn ? "End stream" : "Go live";
    this.#button.classList.toggle("ending", isOn);
    this.#path.readOnly = isOn;
    this.#key.readOnly = isOn;
  }
  setEnabled(isEnabled) {
    this.#button.disabled = !isEnabled;
  }
  show(words) {
    showText(this.#badge, words.label);
    this.#badge.dataset.tone = words.tone;
    showText(this.#status, words.title);
    this.#status.dataset.tone = words.tone;
    document.title = this.#isOn ? `${words.label} \xB7 ${this.#title}` : this.#title;
  }
  /** Shows where these streams can be watched. */
  showAddresses(paths, rtmpPort) {
    const shown = `${paths} ${rtmpPort}`;
    this.#watchCard.hidden = paths.length === 0;
    if (this.#watchCard.dataset.shown === shown || paths.length === 0) return;
    this.#watchCard.dataset.shown = shown;
    this.#watchLink.href = `/index.html?stream=${paths[0]}`;
    const addresses = paths.flatMap((path) => playAddresses(path, {
      page: location,
      rtmpPort
    }));
    byId("watch-addresses", HTMLElement).replaceChildren(...addressItems(addresses));
  }
  #showFault(fault) {
    showText(this.#fault, fault);
    if (fault) this.#path.setAttribute("aria-invalid", "true");
    else this.#path.removeAttribute("aria-invalid");
  }
};
function addressOf({ path, key }) {
  return publishAddress(location, path, key);
}

// web/push/encode/codec_form.ts
var CodecForm = class {
  #page;
  #shortSide;
  #fields = byId("quality", HTMLFieldSetElement);
  #frameRate = byId("frame-rate", HTMLSelectElement);
  #videoCodec = byId("video-codec", HTMLSelectElement);
  #soundCodec = byId("sound-codec", HTMLSelectElement);
  /** Called when something else is chosen, or can be. */
  onChange;
  /** `page` names the page among what the browser keeps; `shortSide` says how large the largest picture is. */
  constructor(page, shortSide) {
    this.#page = page;
    this.#shortSide = shortSide;
    for (const field of [
      this.#frameRate,
      this.#soundCodec
    ]) keepField(field, `${page}:${field.id}`);
    this.#frameRate.addEventListener("change", () => this.findCodecs());
    this.#videoCodec.addEventListener("change", () => this.onChange?.());
  }
  /** Finds out what this browser encodes; the form is complete after that. */
  async open() {
    await this.findCodecs();
    keepField(this.#videoCodec, `${this.#page}:video-codec`);
    this.onChange?.();
  }
  /** As many pictures a second as are wanted. */
  get framesPerSecond() {
    return Number(this.#frameRate.value);
  }
  get videoCodec() {
    return this.#videoCodec.value;
  }
  get soundCodec() {
    return this.#soundCodec.value;
  }
  /** A bit rate that suits what is chosen, for a picture of this size, in bits per second. */
  suggested(shortSide) {
    return suggestedBitrate(wideSize(shortSide), this.framesPerSecond, this.videoCodec);
  }
  /** While it is live nothing of this can be changed. */
  setEnabled(isEnabled) {
    this.#fields.disabled = !isEnabled;
  }
  /** Lists the codecs in which this browser encodes the largest picture. */
  async findCodecs() {
    const { framesPerSecond } = this;
    const shortSide = this.#shortSide();
    const bitrate = this.suggested(shortSide);
    const codecs = await findCodecs({
      shortSide,
      framesPerSecond,
      bitrate
    }, wideSize(shortSide));
    const before = this.videoCodec;
    const options = codecs.map((codec) => make("option", {
      value: codec,
      textContent: codecName(codec)
    }));
    this.#videoCodec.replaceChildren(...options);
    if (codecs.includes(before)) this.#videoCodec.value = before;
    const fault = codecs.length ? void 0 : "This browser encodes no video of this size.";
    showText(byId("codec-note", HTMLElement), fault);
    this.onChange?.();
  }
};

// web/push/encode/quality_form.ts
var MIN_BITRATE = 1e5;
var QualityForm = class {
  #shortSide = byId("short-side", HTMLSelectElement);
  #bitrate = byId("bitrate", HTMLInputElement);
  codecs;
  /** `page` names the page among what the browser keeps. */
  constructor(page) {
    for (const field of [
      this.#shortSide,
      this.#bitrate
    ]) keepField(field, `${page}:${field.id}`);
    this.codecs = new CodecForm(page, () => this.shortSide);
    this.codecs.onChange = () => this.#bitrate.placeholder = `automatic: ${this.#suggested / 1e3}`;
    this.#shortSide.addEventListener("change", () => this.codecs.findCodecs());
  }
  /** The shorter side of the picture, in pixels. */
  get shortSide() {
    return Number(this.#shortSide.value);
  }
  /** What the video encoder is to make. */
  get format() {
    const chosen = Number(this.#bitrate.value) * 1e3;
    return {
      codec: this.codecs.videoCodec,
      shortSide: this.shortSide,
      framesPerSecond: this.codecs.framesPerSecond,
      bitrate: chosen >= MIN_BITRATE ? chosen : this.#suggested
    };
  }
  get #suggested() {
    return this.codecs.suggested(this.shortSide);
  }
};

// web/push/single_stream.ts
var SingleStream = class {
  quality;
  #host;
  #publication;
  #status;
  #broadcast;
  constructor(host) {
    this.#host = host;
    this.#publication = new PublicationView(host.page, () => this.#toggle());
    this.#status = new LiveStatus(this.#publication, byId("facts", HTMLElement));
    this.quality = new QualityForm(host.page);
  }
  /** Makes ready: what can be encoded is found out. */
  open() {
    addEventListener("pagehide", () => this.#broadcast?.[Symbol.dispose]());
    this.quality.codecs.open();
  }
  /** What is being published. */
  get broadcast() {
    return this.#broadcast;
  }
  /** Whether a person may go live. */
  setEnabled(isEnabled) {
    this.#publication.setEnabled(isEnabled);
  }
  async #toggle() {
    if (this.#broadcast) return this.#end();
    const target = this.#publication.read();
    if (target && await this.#host.isReady()) await this.#goLive(target);
  }
  async #goLive(target) {
    const { format, codecs } = this.quality;
    const broadcast = new Broadcast({
      renditions: [
        {
          url: addressOf(target),
          video: format
        }
      ],
      sound: codecs.soundCodec,
      framesPerSecond: format.framesPerSecond,
      metadata: {
        encoder: this.#host.encoder,
        framerate: format.framesPerSecond
      }
    }, {
      onChange: () => this.#onChange(),
      onFailed: (words) => this.#end(words)
    });
    this.#broadcast = broadcast;
    this.#setOn(true);
    this.#status.follow(broadcast, [
      target.path
    ]);
    try {
      await this.#host.onBegin(format);
      await broadcast.start();
    } catch (error) {
      this.#end(error.message);
    }
  }
  /** What is refused can be mended at once, and tried again. */
  #onChange() {
    const [{ phase, words }] = this.#broadcast.statuses;
    if (phase === "refused") this.#end(words, "Refused");
    else this.#status.show();
  }
  #end(words, label) {
    this.#broadcast?.[Symbol.dispose]();
    this.#broadcast = void 0;
    this.#setOn(false);
    this.#status.unfollow(words, label);
  }
  #setOn(isOn) {
    this.#publication.setOn(isOn);
    this.quality.codecs.setEnabled(!isOn);
  }
};

// web/push/push_page.ts
var PushPage = class {
  #stream = new SingleStream({
    page: "push",
    encoder: "Sluice push page",
    isReady: async () => this.#stage.isOpen || await this.#stage.capture(),
    onBegin: () => Promise.resolve()
  });
  #stage = new CaptureStage({
    limits: () => {
      const { shortSide, codecs: { framesPerSecond } } = this.#stream.quality;
      return {
        shortSide,
        framesPerSecond
      };
    },
    broadcast: () => this.#stream.broadcast,
    setEnabled: (isEnabled) => this.#stream.setEnabled(isEnabled)
  });
  constructor() {
    if (this.#stage.begin()) this.#stream.open();
  }
};

// web/push.ts
new PushPage();
