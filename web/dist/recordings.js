// Made by web/build.ts from web/recordings.ts; sources 0c61348be9a743ccca5aaac3dd815399213f37739d52480c4956b52d702d5e2d
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

// web/shared/units.ts
var MOMENT = new Intl.DateTimeFormat(void 0, {
  dateStyle: "medium",
  timeStyle: "medium"
});
function momentText(date) {
  return MOMENT.format(date);
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

// web/shared/live_stream.ts
var STREAM_PATH = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;
function isStreamPath(text) {
  return STREAM_PATH.test(text);
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

// web/player/player_words.ts
function describe(status) {
  const name = status.path ?? "";
  switch (status.phase) {
    case "idle":
      return idle(status);
    case "connecting":
      return status.isInformed && !status.stream ? absent(name) : {
        tone: "waiting",
        label: "Connecting",
        title: "Connecting\u2026"
      };
    case "playing":
      return {
        tone: "live",
        label: "Live"
      };
    case "stalled":
      return stalled(status);
    case "resting":
      return {
        tone: "quiet",
        label: "Paused",
        title: "Paused",
        action: "Watch live"
      };
    case "ended":
      return {
        tone: "quiet",
        label: "Ended",
        title: `${name} has ended`,
        detail: "When it comes back, it plays here by itself."
      };
    case "failed":
      return failed(name, status.failure);
  }
}
function idle({ isInformed }) {
  if (!isInformed) return {
    tone: "waiting",
    label: "Loading",
    title: "Looking for live streams\u2026"
  };
  return {
    tone: "quiet",
    label: "Nothing live",
    title: "Nothing is live yet",
    detail: "Publish a stream, and it plays here by itself."
  };
}
function absent(name) {
  return {
    tone: "quiet",
    label: "Offline",
    title: `${name} is not live`,
    detail: "When it starts, it plays here by itself."
  };
}
function stalled({ stream }) {
  if (stream?.state !== "interrupted") return {
    tone: "waiting",
    label: "Buffering",
    title: "Waiting for data\u2026"
  };
  return {
    tone: "waiting",
    label: "Interrupted",
    title: "The publisher lost its connection",
    detail: "The picture goes on when it is back."
  };
}
function failed(name, { kind, detail }) {
  switch (kind) {
    case "absent":
      return absent(name);
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: `The server does not let you play ${name}`,
        detail: detail || "A key may be missing in the address of this page.",
        action: "Try again"
      };
    case "full":
      return {
        tone: "trouble",
        label: "Full",
        title: "The server takes no more viewers just now",
        detail: "Trying again\u2026"
      };
    case "lost":
      return {
        tone: "trouble",
        label: "No connection",
        title: "The connection to the server is lost",
        detail: "Trying again\u2026"
      };
    case "upstream":
      return {
        tone: "trouble",
        label: "Out of reach",
        title: `${name} cannot be had from where it is just now`,
        detail: "Trying again\u2026"
      };
    case "broken":
      return {
        tone: "trouble",
        label: "Broken",
        title: "The stream cannot be decoded",
        detail: "Trying again\u2026"
      };
    case "unplayable":
      return unplayable(detail);
  }
}
function unplayable(codec) {
  const title = codec ? `This browser cannot play ${codec}` : "This browser cannot play live FLV";
  const browsers = codec ? "Another browser may" : "A current Chrome, Edge, Firefox or Safari can (on iPhones from iOS 17.1)";
  return {
    tone: "trouble",
    label: "Not playable",
    title,
    detail: `${browsers}; VLC, mpv and ffplay play the addresses below.`
  };
}

// web/watch/stage_view.ts
var StageView = class {
  video = byId("video", HTMLVideoElement);
  #screen = byId("screen", HTMLElement);
  #notice = byId("notice", HTMLElement);
  #title = byId("notice-title", HTMLElement);
  #detail = byId("notice-detail", HTMLElement);
  #action = byId("notice-action", HTMLButtonElement);
  #unmute = byId("unmute", HTMLButtonElement);
  #name = byId("stream-name", HTMLElement);
  #badge = byId("badge", HTMLElement);
  #hasHadSound = false;
  /** `onAction` is called when the viewer takes up what the notice offers. */
  constructor(onAction) {
    this.#action.addEventListener("click", onAction);
    this.#unmute.addEventListener("click", () => {
      this.video.muted = false;
      this.video.focus();
    });
    this.video.addEventListener("volumechange", () => {
      if (this.video.muted) return;
      this.#hasHadSound = true;
      this.#unmute.hidden = true;
    });
  }
  /** Shows where a player of live streams is. */
  showStatus(status) {
    this.show({
      words: describe(status),
      name: status.path ?? "Live",
      isPlaying: status.phase === "playing",
      // Also while it is not known.
      hasSound: status.stream?.audio !== null,
      hasPicture: status.stream?.video !== null
    });
  }
  show({ words, name, isPlaying, hasSound, hasPicture }) {
    this.#notice.hidden = !words.title;
    showText(this.#title, words.title);
    showText(this.#detail, words.detail);
    showText(this.#action, words.action);
    showText(this.#badge, words.label);
    this.#badge.dataset.tone = words.tone;
    showText(this.#name, name);
    this.video.controls = !words.title;
    this.#screen.classList.toggle("sound-only", !hasPicture);
    this.#unmute.hidden = !isPlaying || !this.video.muted || this.#hasHadSound || !hasSound;
    document.title = `${name} \xB7 Sluice`;
  }
};

// media/errors.ts
var FormatError = class extends Error {
  name = "FormatError";
};

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

// media/mp4/box_reader.ts
var MIN_BOX_HEADER = 8;
var MAX_BOX_HEADER = 16;
var SIZE_TO_END = 0;
var SIZE_IS_LARGE = 1;
function readBoxHeader(bytes) {
  if (bytes.length < MIN_BOX_HEADER) return void 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const small = view.getUint32(0);
  const headerBytes = small === SIZE_IS_LARGE ? MAX_BOX_HEADER : MIN_BOX_HEADER;
  if (bytes.length < headerBytes) return void 0;
  const size = small === SIZE_IS_LARGE ? view.getUint32(8) * 2 ** 32 + view.getUint32(12) : small === SIZE_TO_END ? Number.POSITIVE_INFINITY : small;
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  if (!/^[ -~\xa9]{4}$/.test(type)) throw new FormatError("A box has a type that is not text");
  if (size < headerBytes) throw new FormatError(`Box "${type}" has a size of ${size} bytes`);
  return {
    type,
    headerBytes,
    size
  };
}
function openFullBox(content) {
  const input = new ByteReader(content);
  return {
    version: input.u8(),
    flags: input.u24(),
    input
  };
}
function readU64(input) {
  return input.u32() * 2 ** 32 + input.u32();
}

// web/recordings/head_duration.ts
var HEAD_BYTES = 4096;
var FLV_DURATION = [
  0,
  8,
  ...new TextEncoder().encode("duration"),
  0
];
function headDuration(kind, head) {
  try {
    const seconds = kind === "mp4" ? movieDuration(head) : metadataDuration(head);
    return seconds !== void 0 && Number.isFinite(seconds) && seconds > 0 ? seconds : void 0;
  } catch (error) {
    if (error instanceof FormatError || error instanceof RangeError) return void 0;
    throw error;
  }
}
function movieDuration(head) {
  for (let at = 0; at < head.length; ) {
    const box = readBoxHeader(head.subarray(at));
    if (!box) return void 0;
    if (box.type === "mvhd") return timescaled(head.subarray(at + box.headerBytes));
    at += box.type === "moov" ? box.headerBytes : box.size;
  }
}
function timescaled(content) {
  const { version, input } = openFullBox(content);
  input.raw(version === 1 ? 16 : 8);
  const timescale = input.u32();
  const duration2 = version === 1 ? readU64(input) : input.u32();
  return duration2 / timescale;
}
function metadataDuration(head) {
  const at = head.findIndex((_, i) => FLV_DURATION.every((byte, j) => head[i + j] === byte));
  if (at < 0) return void 0;
  return new ByteReader(head.subarray(at + FLV_DURATION.length)).f64();
}

// web/shared/forwarded_query.ts
var OWN_PARAMETERS = [
  "stream",
  "embed",
  "file",
  "variant",
  "from"
];
function forwardedQuery(search) {
  const query = new URLSearchParams(search);
  for (const name of OWN_PARAMETERS) query.delete(name);
  return query.size ? `?${query}` : "";
}

// web/recordings/recording.ts
async function fetchRecordings(kind, stream, limit, signal) {
  const query = new URLSearchParams({
    kind,
    limit: String(limit),
    ...stream && {
      stream
    }
  });
  try {
    const response = await fetch(`/api/v1/files?${query}`, {
      signal,
      cache: "no-store"
    });
    return response.ok ? await response.json() : void 0;
  } catch {
    return void 0;
  }
}
function recordingUrl(path) {
  return new URL(path + forwardedQuery(location.search), location.href).href;
}
function timeOf({ start, modified }) {
  return new Date(start ?? modified);
}

// web/recordings/durations.ts
var AT_ONCE = 3;
var Durations = class {
  #onFound;
  #known = /* @__PURE__ */ new Map();
  #waiting = [];
  #reading = 0;
  /** `onFound` is called when one more is known. */
  constructor(onFound) {
    this.#onFound = onFound;
  }
  /** In seconds; undefined while it is not known, or when the recording does not say. */
  of(recording) {
    const { path, isWritten } = recording;
    if (!isWritten && !this.#known.has(path)) {
      this.#known.set(path, void 0);
      this.#waiting.push(recording);
      this.#readNext();
    }
    return this.#known.get(path);
  }
  async #readNext() {
    if (this.#reading >= AT_ONCE) return;
    const recording = this.#waiting.shift();
    if (!recording) return;
    this.#reading++;
    const duration2 = await readDuration(recording);
    this.#reading--;
    if (duration2 !== void 0) {
      this.#known.set(recording.path, duration2);
      this.#onFound();
    }
    this.#readNext();
  }
};
async function readDuration({ kind, path }) {
  if (kind === "hls") return void 0;
  try {
    const response = await fetch(recordingUrl(path), {
      headers: {
        range: `bytes=0-${HEAD_BYTES - 1}`
      }
    });
    if (response.status === 206) return headDuration(kind, new Uint8Array(await response.arrayBuffer()));
    await response.body?.cancel();
  } catch {
    return void 0;
  }
}

// web/shared/script_library.ts
function scriptLibrary(name, find) {
  let loading;
  return () => loading ??= addScript(name).then(find).catch((error) => {
    loading = void 0;
    throw error;
  });
}
async function addScript(name) {
  const place = document.querySelector(`meta[name="library:${name}"]`);
  if (!place) throw new ReferenceError(`Cannot load ${name}: the page does not say where it is`);
  const script = document.createElement("script");
  const loaded = new Promise((resolve, reject) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`Could not load ${name}`)));
  });
  script.src = place.content;
  document.head.append(script);
  await loaded;
}

// web/player/mpegts_library.ts
var loadMpegts = scriptLibrary("mpegts", () => {
  const { mpegts } = globalThis;
  mpegts.LoggingControl.applyConfig({
    enableVerbose: false,
    enableDebug: false,
    enableInfo: false
  });
  return mpegts;
});

// web/player/play_video.ts
async function play(video) {
  try {
    await video.play();
  } catch (error) {
    if (error.name !== "NotAllowedError" || video.muted) return;
    video.muted = true;
    await video.play().catch(() => {
    });
  }
}

// web/recordings/file_player.ts
var FilePlayer = class {
  #video;
  #url;
  #onFailed;
  #controller = new AbortController();
  #player;
  constructor(video, kind, url, onFailed) {
    this.#video = video;
    this.#url = url;
    this.#onFailed = onFailed;
    const { signal } = this.#controller;
    video.addEventListener("error", () => this.#explain(video.error?.message ?? ""), {
      signal
    });
    if (kind === "mp4") this.#playSource();
    else this.#playFlv();
  }
  [Symbol.dispose]() {
    this.#controller.abort();
    if (this.#player) this.#player.destroy();
    this.#video.removeAttribute("src");
    this.#video.load();
  }
  #playSource() {
    this.#video.src = this.#url;
    play(this.#video);
  }
  async #playFlv() {
    const { signal } = this.#controller;
    try {
      const mpegts = await loadMpegts();
      if (signal.aborted) return;
      if (!mpegts.isSupported()) return this.#onFailed("unplayable", "");
      const source = {
        type: "flv",
        isLive: false,
        url: this.#url
      };
      const player = mpegts.createPlayer(source, {
        autoCleanupSourceBuffer: true
      });
      this.#player = player;
      player.on(mpegts.Events.ERROR, (_type, _detail, { msg }) => this.#explain(msg));
      player.attachMediaElement(this.#video);
      player.load();
      play(this.#video);
    } catch (error) {
      if (!signal.aborted) this.#onFailed("lost", error.message);
    }
  }
  /** Neither the element nor the library says why: what the server says of the file does. */
  async #explain(detail) {
    const { signal } = this.#controller;
    try {
      const { status } = await fetch(this.#url, {
        method: "HEAD",
        signal,
        cache: "no-store"
      });
      if (!signal.aborted) this.#onFailed(failureOf(status), detail);
    } catch {
      if (!signal.aborted) this.#onFailed("lost", detail);
    }
  }
};
function failureOf(status) {
  if (status === 401 || status === 403) return "refused";
  return status === 404 ? "gone" : "unplayable";
}

// web/recordings/recording_list_view.ts
function timeText(recording) {
  return momentText(timeOf(recording));
}
var RecordingListView = class {
  #list;
  #lengthOf;
  #links = /* @__PURE__ */ new Map();
  /** `onChoose` gets the path of the recording that is clicked. */
  constructor(list, lengthOf, onChoose) {
    this.#list = list;
    this.#lengthOf = lengthOf;
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(link.dataset.path);
    });
  }
  /** Shows these recordings in this order, `current` as the chosen one; links that stay keep the keyboard's focus. */
  show(recordings, current) {
    for (const [path, link] of this.#links) {
      if (recordings.some((recording) => recording.path === path)) continue;
      link.parentElement?.remove();
      this.#links.delete(path);
    }
    for (const [i, recording] of recordings.entries()) this.#showRecording(recording, i, current);
  }
  #showRecording(recording, place, current) {
    const link = this.#links.get(recording.path) ?? this.#add(recording);
    const item = link.parentElement;
    if (this.#list.children[place] !== item) this.#list.insertBefore(item, this.#list.children[place] ?? null);
    showText(link.lastElementChild, this.#summary(recording));
    if (recording.path === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  #add(recording) {
    const title = make("strong", {}, ...breakable(recording.stream));
    const time = make("span", {
      className: "when",
      textContent: timeText(recording)
    });
    const link = make("a", {
      href: `?file=${encodeURI(recording.path)}`
    }, title, time, make("small", {}));
    link.dataset.path = recording.path;
    make("li", {}, link);
    this.#links.set(recording.path, link);
    return link;
  }
  /** `0:06 · 1.2 MB`. */
  #summary(recording) {
    const seconds = this.#lengthOf(recording);
    const length = recording.isWritten ? "being recorded" : seconds === void 0 ? "\u2013:\u2013\u2013" : duration(seconds * 1e3);
    return `${length} \xB7 ${bytesText(recording.bytes)}`;
  }
};

// web/recordings/recording_words.ts
function describeRecordings(what, stream) {
  switch (what) {
    case "loading":
      return {
        tone: "waiting",
        label: "Loading",
        title: "Looking for recordings\u2026"
      };
    case "none":
      return {
        tone: "quiet",
        label: "Nothing recorded",
        title: stream ? `Nothing of ${stream} is recorded` : "Nothing is recorded yet",
        detail: stream ? "When it has been live, its recording is here." : "Publish a stream: when it has ended, its recording is here."
      };
    case "choose":
      return {
        tone: "quiet",
        label: "",
        title: "Choose a recording"
      };
    case "opening":
      return {
        tone: "waiting",
        label: "Opening",
        title: "Opening\u2026"
      };
    default:
      return describeFailure(what);
  }
}
function describeFailure(failure) {
  switch (failure) {
    case "gone":
      return {
        tone: "trouble",
        label: "Gone",
        title: "This recording is not there any more",
        detail: "Recordings are removed when they are old or the disk is full."
      };
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: "The server does not let you play this recording",
        detail: "A key may be missing in the address of this page."
      };
    case "unplayable":
      return {
        tone: "trouble",
        label: "Not playable",
        title: "This browser cannot play this recording",
        detail: "Another browser may; VLC, mpv and ffplay play the file."
      };
    case "lost":
      return {
        tone: "trouble",
        label: "No connection",
        title: "The connection to the server is lost",
        action: "Try again"
      };
  }
}

// web/recordings/recordings_page.ts
var POLL_MS = 1e4;
var STEP = 20;
var MOST = 1e3;
var RecordingsPage = class {
  #kind;
  #stage = new StageView(() => this.#current && this.#play(this.#current));
  #durations = new Durations(() => this.#showList());
  #view = new RecordingListView(byId("recordings", HTMLElement), (recording) => this.#durations.of(recording), (path) => this.#open(path));
  #facts = new FactsList(byId("facts", HTMLElement));
  #filter = byId("filter", HTMLInputElement);
  #more = byId("more", HTMLButtonElement);
  #page;
  #current;
  #player;
  #limit = STEP;
  #asking;
  #timer;
  constructor(kind) {
    this.#kind = kind;
    this.#listen();
    this.#chooseFromAddress();
    this.#refresh();
  }
  #listen() {
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
  #chooseFromAddress() {
    const query = new URLSearchParams(location.search);
    const stream = query.get("stream") ?? "";
    this.#filter.value = isStreamPath(stream) ? stream : "";
    const file = query.get("file");
    if (file?.startsWith(`/${this.#kind}/`) && file !== this.#current) this.#play(file);
    else if (file === null && this.#current !== void 0) this.#close();
  }
  #narrow() {
    const stream = this.#filter.value.trim();
    this.#filter.setCustomValidity(stream === "" || isStreamPath(stream) ? "" : "A stream is app/name, such as live/cam");
    if (!this.#filter.reportValidity()) return;
    this.#limit = STEP;
    this.#remember({
      stream
    });
    this.#refresh();
  }
  #open(path) {
    this.#remember({
      file: path
    });
    this.#play(path);
  }
  #remember(changes) {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
    history.pushState(null, "", query.size ? `?${query}`.replaceAll("%2F", "/") : location.pathname);
  }
  async #refresh() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = this.#asking = new AbortController();
    const page = await fetchRecordings(this.#kind, this.#filter.value.trim(), this.#limit, asking.signal);
    if (asking.signal.aborted) return;
    if (page) this.#page = page;
    this.#showList(page === void 0);
    if (!document.hidden) this.#timer = setTimeout(() => this.#refresh(), POLL_MS);
  }
  #showList(isUnreachable = false) {
    const { recordings = [], total = 0 } = this.#page ?? {};
    this.#view.show(recordings, this.#current);
    this.#more.hidden = recordings.length >= Math.min(total, MOST);
    showText(byId("recordings-note", HTMLElement), isUnreachable ? "The server does not answer. Trying again\u2026" : countText(total));
    const streams = new Set(recordings.map(({ stream }) => stream));
    byId("streams", HTMLDataListElement).replaceChildren(...Array.from(streams, (value) => make("option", {
      value
    })));
    if (this.#current === void 0) this.#show(!this.#page ? "loading" : total ? "choose" : "none");
    else this.#showFacts();
  }
  #play(path) {
    this.#player?.[Symbol.dispose]();
    this.#current = path;
    this.#show("opening");
    this.#player = new FilePlayer(this.#stage.video, this.#kind, recordingUrl(path), (failure) => this.#show(failure));
    this.#view.show(this.#page?.recordings ?? [], path);
    this.#showFacts();
    const address = recordingUrl(path);
    byId("file-card", HTMLElement).hidden = false;
    byId("file-addresses", HTMLElement).replaceChildren(...addressItems([
      {
        label: "Address",
        text: address
      }
    ]));
    Object.assign(byId("download", HTMLAnchorElement), {
      href: address,
      download: path.split("/").slice(2).join("_")
    });
  }
  /** Nothing is chosen any more. */
  #close() {
    this.#player?.[Symbol.dispose]();
    this.#player = void 0;
    this.#current = void 0;
    byId("file-card", HTMLElement).hidden = true;
    this.#showFacts();
    this.#showList();
  }
  #show(what) {
    const label = this.#recording?.isWritten ? "Being recorded" : "Recorded";
    const words = what === "playing" ? {
      tone: "quiet",
      label
    } : describeRecordings(what, this.#filter.value.trim());
    this.#stage.show({
      words,
      name: this.#recording?.stream ?? "Recordings",
      isPlaying: what === "playing",
      hasSound: true,
      hasPicture: true
    });
  }
  get #recording() {
    return this.#page?.recordings.find(({ path }) => path === this.#current);
  }
  #showFacts() {
    const recording = this.#recording;
    const { videoWidth, videoHeight, duration: seconds } = this.#stage.video;
    const facts = [
      [
        "Recorded",
        recording ? timeText(recording) : "\u2013"
      ],
      [
        "Length",
        Number.isFinite(seconds) ? duration(seconds * 1e3) : "\u2013"
      ],
      [
        "Picture",
        videoWidth ? `${videoWidth} \xD7 ${videoHeight}` : "\u2013"
      ],
      [
        "Size",
        recording ? bytesText(recording.bytes) : "\u2013"
      ],
      [
        "State",
        recording?.isWritten ? "being recorded" : "complete"
      ]
    ];
    if (this.#current === void 0) this.#facts.hide();
    else this.#facts.show(facts);
  }
};
function countText(total) {
  if (total === 0) return "No recording is there.";
  return total === 1 ? "1 recording" : `${total} recordings, the newest first`;
}

// web/recordings.ts
new RecordingsPage(byId("main", HTMLElement).dataset.kind === "flv" ? "flv" : "mp4");
