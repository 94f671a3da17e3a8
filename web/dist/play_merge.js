// Made by web/build.ts from web/play_merge.ts; sources 40617ac2e7cc43949ebde26dcd300138963c28099f747543b28ea3e5dce59599
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

// web/player/live_edge.ts
function bufferedAhead(position, ranges) {
  const range = ranges.find(({ start, end }) => start <= position && position <= end);
  return range ? range.end - position : 0;
}
function rangesOf(ranges) {
  return Array.from({
    length: ranges.length
  }, (_, i) => ({
    start: ranges.start(i),
    end: ranges.end(i)
  }));
}

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

// web/watch/stream_list_view.ts
var StreamListView = class {
  #list;
  #note;
  #links = /* @__PURE__ */ new Map();
  /** `onChoose` gets the path of the stream that the viewer clicks. */
  constructor(list, note, onChoose) {
    this.#list = list;
    this.#note = note;
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(link.dataset.path);
    });
  }
  /** Shows these streams, `current` as the chosen one; links that stay keep the keyboard's focus. */
  show(streams, current) {
    for (const [path, link] of this.#links) {
      if (streams.some((stream) => stream.path === path)) continue;
      link.parentElement?.remove();
      this.#links.delete(path);
    }
    for (const stream of streams) this.#showStream(stream, current);
    showText(this.#note, streams.length ? void 0 : "Nothing is live just now.");
  }
  /** Says that the server does not answer; what was shown stays. */
  showUnreachable() {
    showText(this.#note, "The server does not answer. Trying again\u2026");
  }
  #showStream(stream, current) {
    const link = this.#links.get(stream.path) ?? this.#add(stream.path);
    showText(link.lastElementChild, summary(stream));
    if (stream.path === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  #add(path) {
    const link = make("a", {
      href: `?stream=${path}`
    }, make("strong", {}, ...breakable(path)), make("small", {}));
    link.dataset.path = path;
    this.#list.append(make("li", {}, link));
    this.#links.set(path, link);
    return link;
  }
};
function summary({ state, video, audio, viewers }) {
  const size = video?.width && video.height ? ` ${video.width} \xD7 ${video.height}` : "";
  return [
    state === "interrupted" ? "interrupted" : "",
    video ? `${codecName(video.codec)}${size}` : "",
    audio ? codecName(audio.codec) : "",
    viewers === 1 ? "1 viewer" : `${viewers} viewers`
  ].filter(Boolean).join(" \xB7 ");
}

// web/segments/segment_places.ts
function folderOf(path, variant) {
  return `/mp4/${path}/output_${variant}/`;
}
function spanOf({ sources }) {
  if (sources.length === 0 || sources.some(({ segments }) => segments.length === 0)) return void 0;
  return {
    start: Math.max(...sources.map(({ segments }) => segments[0].start)),
    end: Math.min(...sources.map(({ segments }) => endOf(segments.at(-1))))
  };
}
function endOf({ start, duration: duration2 }) {
  return start + duration2;
}

// web/segments/segment_words.ts
function describeSegments(phase, path, detail, isLive) {
  switch (phase) {
    case "idle":
      return {
        tone: "quiet",
        label: "Nothing there",
        title: "There are no segments yet",
        detail: "Publish a stream: its segments are here while it is live, and for a day after."
      };
    case "opening":
      return {
        tone: "waiting",
        label: "Opening",
        title: "Opening\u2026"
      };
    case "playing":
      return isLive ? {
        tone: "live",
        label: "Live"
      } : {
        tone: "quiet",
        label: "Playing"
      };
    case "stalled":
      return {
        tone: "waiting",
        label: "Buffering",
        title: "Waiting for data\u2026"
      };
    case "ended":
      return {
        tone: "quiet",
        label: "Ended"
      };
    default:
      return failed2(phase, path, detail);
  }
}
function failed2(kind, path, detail) {
  switch (kind) {
    case "absent":
      return {
        tone: "quiet",
        label: "Not there",
        title: `There are no such segments of ${path}`,
        detail: "They are written while a stream is live, and kept for a day.",
        action: "Try again"
      };
    case "unplayable":
      return {
        tone: "trouble",
        label: "Not playable",
        title: detail ? `This browser cannot play ${detail}` : "This browser cannot play segments",
        detail: "Another browser may."
      };
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: `The server does not let you play ${path}`,
        detail: "A key may be missing in the address of this page.",
        action: "Try again"
      };
    case "full":
    case "lost":
    case "upstream":
    case "broken":
      return {
        tone: "trouble",
        label: kind === "broken" ? "Broken" : "No connection",
        title: kind === "broken" ? "The segments cannot be decoded" : "The segments cannot be had just now",
        detail: detail || void 0,
        action: "Try again"
      };
  }
}

// web/player/byte_source.ts
var SourceError = class extends Error {
  code;
  name;
  constructor(code, message) {
    super(message), this.code = code, this.name = "SourceError";
  }
};

// web/player/connection.ts
var WEBSOCKET_STATUS_BASE = 4e3;
function failureKind(code) {
  switch (code > WEBSOCKET_STATUS_BASE ? code - WEBSOCKET_STATUS_BASE : code) {
    case 404:
      return "absent";
    case 400:
    case 401:
    case 403:
      return "refused";
    case 502:
    case 504:
      return "upstream";
    case 429:
    case 503:
    case 1013:
      return "full";
    default:
      return "lost";
  }
}

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

// web/segments/segment_plan.ts
function nextSegment(segments, position, ahead, isLoaded) {
  for (let i = firstFor(segments, position); i < segments.length; i++) {
    if (segments[i].start >= position + ahead) return void 0;
    if (!isLoaded(segments[i])) return segments[i];
  }
}
function firstFor(segments, position) {
  let [low, high] = [
    0,
    segments.length
  ];
  while (low < high) {
    const middle = low + high >> 1;
    if (endOf(segments[middle]) > position) high = middle;
    else low = middle + 1;
  }
  while (low > 0 && low < segments.length && !segments[low].key) low--;
  return low;
}
var BEHIND_SEGMENTS = 1.5;
var JUMP_SEGMENTS = 4;
function startPosition(from, { start, end }, segmentSeconds) {
  return from === "beginning" ? start : Math.max(start, end - BEHIND_SEGMENTS * segmentSeconds);
}
function catchUp(position, span, segmentSeconds) {
  const isFarBehind = span.end - position > JUMP_SEGMENTS * segmentSeconds;
  return isFarBehind || position < span.start ? startPosition("live", span, segmentSeconds) : void 0;
}

// web/segments/source_feed.ts
var AHEAD = 20;
var BEHIND = {
  max: 60,
  min: 30,
  scarce: 4
};
var SourceFeed = class {
  name;
  #buffer;
  #fetch;
  #loaded = /* @__PURE__ */ new Set();
  #init = 0;
  #hasInit = false;
  #type;
  /** `fetch` gets a segment by its name. */
  constructor(media, source, fetch2) {
    this.name = source.name;
    this.#type = source.inits[0].type;
    this.#buffer = media.addSourceBuffer(this.#type);
    this.#fetch = fetch2;
  }
  /** Whether the browser is at work on what it was given. */
  get isUpdating() {
    return this.#buffer.updating;
  }
  /** What can be played, in seconds. */
  get ranges() {
    return rangesOf(this.#buffer.buffered);
  }
  /** Whether the last segment of all is there. */
  hasLast({ segments }) {
    const last = segments.at(-1);
    return last !== void 0 && this.#loaded.has(last.uri);
  }
  /** Loads the next segment for a picture at `position`; false when none is missing. */
  async step(source, position) {
    await this.#cut(position, BEHIND.max, BEHIND.min);
    const segment = nextSegment(source.segments, position, AHEAD, ({ uri }) => this.#loaded.has(uri));
    if (!segment) return false;
    const bytes = await this.#fetch(segment.uri);
    await this.#prepare(source, segment);
    try {
      await this.#append(bytes);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      await this.#cut(position, BEHIND.scarce, BEHIND.scarce);
      return false;
    }
    this.#loaded.add(segment.uri);
    return true;
  }
  /** Forgets that segments were loaded which the browser does not have any more. */
  recheck({ segments }) {
    const { ranges } = this;
    for (const segment of segments) if (!isWithin(segment, ranges)) this.#loaded.delete(segment.uri);
  }
  async #prepare({ inits }, { init }) {
    if (this.#hasInit && this.#init === init) return;
    const { uri, type } = inits[init];
    if (type !== this.#type) this.#buffer.changeType(this.#type = type);
    await this.#append(await this.#fetch(uri));
    [this.#init, this.#hasInit] = [
      init,
      true
    ];
  }
  async #append(bytes) {
    const done = this.#updated();
    this.#buffer.appendBuffer(bytes);
    await done;
  }
  async #cut(position, max, min) {
    const first = this.ranges[0];
    if (!first || first.start >= position - max) return;
    const done = this.#updated();
    this.#buffer.remove(0, position - min);
    await done;
  }
  #updated() {
    const { promise, resolve, reject } = Promise.withResolvers();
    const settle = new AbortController();
    const on = (event, act) => this.#buffer.addEventListener(event, act, {
      signal: settle.signal
    });
    on("updateend", () => {
      settle.abort();
      resolve();
    });
    on("error", () => reject(new TypeError(`The browser cannot decode a segment of ${this.name}`)));
    return promise;
  }
};
function isWithin(segment, ranges) {
  const middle = (segment.start + endOf(segment)) / 2;
  return ranges.some(({ start, end }) => start <= middle && middle <= end);
}

// web/segments/segment_player.ts
var IDLE_MS = 250;
var FAR_SECONDS = 60;
var FAR_LOOK_MS = 1e4;
var INSIDE = 0.01;
var SegmentPlayer = class {
  #video;
  #request;
  #events;
  #controller = new AbortController();
  #media;
  #url;
  #feeds = [];
  #index;
  #lookedAt = 0;
  #received = 0;
  #segments = 0;
  #wake = () => {
  };
  constructor(video, request, events) {
    this.#video = video;
    this.#request = request;
    this.#events = events;
    const { ManagedMediaSource = MediaSource } = globalThis;
    video.disableRemotePlayback = ManagedMediaSource !== MediaSource;
    this.#media = new ManagedMediaSource();
    this.#url = URL.createObjectURL(this.#media);
    this.#listen();
    this.#run().catch((error) => this.#onError(error));
  }
  /** What is known of the session; undefined before anything is. */
  get index() {
    return this.#index;
  }
  /** How many bytes of segments have come. */
  get received() {
    return this.#received;
  }
  /** How many segments have come. */
  get segments() {
    return this.#segments;
  }
  [Symbol.dispose]() {
    this.#controller.abort();
    this.#wake();
    URL.revokeObjectURL(this.#url);
    this.#video.removeAttribute("src");
    this.#video.load();
  }
  #listen() {
    const { signal } = this.#controller;
    const on = (event, act) => this.#video.addEventListener(event, act, {
      signal
    });
    on("playing", () => this.#events.onPlaying());
    on("waiting", () => this.#events.onStalled());
    on("ended", () => this.#events.onEnded());
    on("error", () => this.#fail("broken", this.#video.error?.message ?? ""));
    on("seeking", () => {
      for (const feed of this.#feeds) feed.recheck(this.#sourceOf(feed));
      this.#wake();
    });
    on("timeupdate", () => this.#wake());
    document.addEventListener("visibilitychange", () => this.#wake(), {
      signal
    });
  }
  async #run() {
    const { signal } = this.#controller;
    let span = await this.#look();
    for (; !span && !signal.aborted; span = await this.#look()) await this.#idle();
    if (signal.aborted || !span || !await this.#open()) return;
    const { from } = this.#request;
    this.#video.currentTime = startPosition(from, span, this.#index.segmentSeconds);
    play(this.#video);
    while (!signal.aborted) {
      await this.#lookNowAndThen();
      const position = this.#video.currentTime;
      const moves = await Promise.all(this.#feeds.map((feed) => feed.step(this.#sourceOf(feed), position)));
      if (signal.aborted) return;
      this.#tidy();
      if (!moves.includes(true)) await this.#idle();
    }
  }
  /** Opens the media source with a buffer for each source; false when the browser cannot play one of them. */
  async #open() {
    const { sources } = this.#index;
    const lacking = sources.find(({ inits }) => !classOf(this.#media).isTypeSupported(inits[0].type));
    if (lacking) {
      this.#fail("unplayable", /codecs="([^"]*)"/.exec(lacking.inits[0].type)?.[1] ?? lacking.inits[0].type);
      return false;
    }
    const opened = new Promise((resolve) => this.#media.addEventListener("sourceopen", resolve, {
      once: true
    }));
    this.#video.src = this.#url;
    await opened;
    this.#feeds = sources.map((source) => new SourceFeed(this.#media, source, (uri) => this.#segment(uri)));
    return !this.#controller.signal.aborted;
  }
  async #lookNowAndThen() {
    const { state, segmentSeconds, session } = this.#index;
    const isFar = (spanOf(this.#index)?.end ?? 0) - this.#video.currentTime > FAR_SECONDS;
    const patience = isFar ? FAR_LOOK_MS : segmentSeconds * 500;
    if (state === "ended" || performance.now() - this.#lookedAt < patience) return;
    await this.#look();
    if (this.#index.session !== session) throw new SourceError(404, "Another session has begun");
  }
  async #look() {
    this.#lookedAt = performance.now();
    this.#index = await (await this.#get("index.json")).json();
    return spanOf(this.#index);
  }
  async #segment(uri) {
    const bytes = await (await this.#get(uri)).arrayBuffer();
    this.#received += bytes.byteLength;
    this.#segments++;
    return bytes;
  }
  async #get(name) {
    const { folder, query } = this.#request;
    const response = await fetch(folder + name + query, {
      signal: this.#controller.signal
    });
    if (!response.ok) throw new SourceError(response.status, response.statusText);
    return response;
  }
  /** What is to be done when no buffer is being written to. */
  #tidy() {
    const index = this.#index;
    const span = spanOf(index);
    if (!span || this.#media.readyState === "closed" || this.#feeds.some(({ isUpdating }) => isUpdating)) return;
    const isWhole = index.state === "ended" && this.#feeds.every((feed) => feed.hasLast(this.#sourceOf(feed)));
    if (this.#media.readyState === "open") {
      if (isWhole) this.#media.endOfStream();
      else if (!(this.#media.duration >= span.end)) this.#media.duration = span.end;
    }
    this.#move(span);
  }
  /** Over holes, and to the live edge for who follows it. */
  #move(span) {
    const { currentTime, seeking, paused, ended } = this.#video;
    if (ended || paused) return;
    const { from } = this.#request;
    const { state, segmentSeconds } = this.#index;
    const target = from === "live" && state === "live" && !seeking ? catchUp(currentTime, span, segmentSeconds) : void 0;
    const ranges = rangesOf(this.#video.buffered);
    const isInside = ranges.some(({ start, end }) => start <= currentTime && currentTime < end - INSIDE);
    const next = isInside ? void 0 : ranges.find(({ start }) => start > currentTime);
    if (target !== void 0) this.#video.currentTime = target;
    else if (next) this.#video.currentTime = next.start + INSIDE;
  }
  #sourceOf({ name }) {
    return this.#index.sources.find((source) => source.name === name) ?? {
      name,
      inits: [],
      segments: []
    };
  }
  /** Waits until something may have changed. */
  async #idle() {
    const { promise, resolve } = Promise.withResolvers();
    this.#wake = resolve;
    const timer = setTimeout(resolve, IDLE_MS);
    await promise;
    clearTimeout(timer);
  }
  #onError(error) {
    if (error instanceof SourceError) this.#fail(failureKind(error.code), error.message);
    else this.#fail(error.name === "TypeError" && /fetch/i.test(error.message) ? "lost" : "broken", error.message);
  }
  #fail(kind, detail) {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort();
    this.#events.onFailed({
      kind,
      detail
    });
  }
};
function classOf(media) {
  return media.constructor;
}

// web/segments/segments_page.ts
var FACTS_MS = 1e3;
var RETRIED = [
  "absent",
  "full",
  "lost",
  "broken"
];
var LOOKED_THROUGH = 200;
var SegmentsPage = class {
  #stage = new StageView(() => this.#open());
  #facts = new FactsList(byId("facts", HTMLElement));
  #live;
  #streams = [];
  #ended = [];
  #path;
  #variant = "merge";
  #from = "beginning";
  #phase = "idle";
  #detail = "";
  #player;
  constructor() {
    this.#live = new StreamListView(byId("streams", HTMLElement), byId("streams-note", HTMLElement), (path) => this.#choose(path));
    this.#listen();
    this.#readAddress();
    new LiveList((answer) => {
      if (!answer) return this.#live.showUnreachable();
      this.#streams = answer.streams;
      this.#pickFirst();
      if (this.#isWorthAnotherTry()) this.#open();
      else this.#show();
    });
    this.#findEnded();
    setInterval(() => this.#showFacts(), FACTS_MS);
  }
  #listen() {
    for (const input of document.querySelectorAll("input[name=variant], input[name=from]")) {
      input.addEventListener("change", () => {
        if (input.name === "variant") this.#variant = input.value;
        else this.#from = input.value;
        this.#writeAddress();
        this.#open();
      });
    }
    byId("ended", HTMLElement).addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#choose(link.dataset.path);
    });
    addEventListener("popstate", () => this.#readAddress());
  }
  #readAddress() {
    const query = new URLSearchParams(location.search);
    const path = query.get("stream");
    this.#variant = query.get("variant") === "separate" ? "separate" : "merge";
    this.#from = query.get("from") === "live" ? "live" : "beginning";
    for (const value of [
      this.#variant,
      this.#from
    ]) {
      document.querySelector(`.caption input[value=${value}]`).checked = true;
    }
    this.#path = path !== null && isStreamPath(path) ? path : this.#first;
    this.#open();
  }
  #writeAddress() {
    const query = new URLSearchParams(location.search);
    query.set("stream", this.#path ?? "");
    query.set("variant", this.#variant);
    query.set("from", this.#from);
    history.pushState(null, "", `?${query}`.replaceAll("%2F", "/"));
  }
  #choose(path) {
    this.#path = path;
    this.#writeAddress();
    this.#open();
  }
  #pickFirst() {
    if (this.#path !== void 0) return;
    this.#path = this.#first;
    this.#open();
  }
  /** What is played where nobody says what. */
  get #first() {
    return this.#streams[0]?.path ?? this.#ended[0];
  }
  /** Segments come a moment after their stream; after the end of what was followed live, another session may have begun. */
  #isWorthAnotherTry() {
    const isLive = this.#streams.some(({ path, state }) => path === this.#path && state === "live");
    return isLive && (RETRIED.includes(this.#phase) || this.#phase === "ended" && this.#from === "live");
  }
  async #findEnded() {
    const page = await fetchRecordings("mp4", "", LOOKED_THROUGH, new AbortController().signal);
    this.#ended = [
      ...new Set(page?.recordings.map(({ stream }) => stream))
    ].filter(isStreamPath);
    byId("ended-card", HTMLElement).hidden = this.#ended.length === 0;
    byId("ended", HTMLElement).replaceChildren(...this.#ended.map((path) => {
      const link = make("a", {
        href: `?stream=${path}`
      }, make("strong", {}, ...breakable(path)));
      link.dataset.path = path;
      return make("li", {}, link);
    }));
    this.#pickFirst();
    this.#show();
  }
  #open() {
    this.#player?.[Symbol.dispose]();
    this.#player = void 0;
    if (this.#path === void 0) return this.#enter("idle");
    this.#enter("opening");
    const request = {
      folder: folderOf(this.#path, this.#variant),
      query: forwardedQuery(location.search),
      from: this.#from
    };
    this.#player = new SegmentPlayer(this.#stage.video, request, {
      onPlaying: () => this.#enter("playing"),
      onStalled: () => this.#phase === "playing" && this.#enter("stalled"),
      onEnded: () => this.#enter("ended"),
      onFailed: ({ kind, detail }) => this.#enter(kind, detail)
    });
  }
  #enter(phase, detail = "") {
    this.#phase = phase;
    this.#detail = detail;
    this.#show();
  }
  #show() {
    const isLive = this.#player?.index?.state === "live" && this.#from === "live";
    this.#live.show(this.#streams, this.#path);
    for (const link of byId("ended", HTMLElement).querySelectorAll("a")) {
      if (link.dataset.path === this.#path) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.#stage.show({
      words: describeSegments(this.#phase, this.#path ?? "", this.#detail, isLive),
      name: this.#path ?? "fMP4",
      isPlaying: this.#phase === "playing",
      hasSound: true,
      hasPicture: true
    });
    const folder = this.#path && new URL(folderOf(this.#path, this.#variant), location.href).href;
    showText(byId("folder", HTMLElement), folder && `${folder}index.json`);
  }
  #showFacts() {
    const index = this.#player?.index;
    const span = index && spanOf(index);
    if (!this.#player || !index || !span) return this.#facts.hide();
    const { currentTime, buffered, videoWidth, videoHeight } = this.#stage.video;
    const facts = [
      [
        "Session",
        momentText(new Date(index.startedAt))
      ],
      [
        "State",
        index.state === "live" ? "live" : "ended"
      ],
      [
        "Length",
        duration((span.end - span.start) * 1e3)
      ],
      [
        "Position",
        duration((currentTime - span.start) * 1e3)
      ],
      [
        "Behind the live edge",
        index.state === "live" ? `${Math.max(0, span.end - currentTime).toFixed(1)} s` : "\u2013"
      ],
      [
        "Buffer",
        `${bufferedAhead(currentTime, rangesOf(buffered)).toFixed(1)} s`
      ],
      [
        "Picture",
        videoWidth ? `${videoWidth} \xD7 ${videoHeight}` : "\u2013"
      ],
      [
        "Sources",
        index.sources.map(({ name }) => name).join(", ")
      ],
      [
        "Received",
        `${bytesText(this.#player.received)} in ${this.#player.segments} segments`
      ],
      [
        "Dropped frames",
        String(this.#stage.video.getVideoPlaybackQuality().droppedVideoFrames)
      ]
    ];
    this.#facts.show(facts);
  }
};

// web/play_merge.ts
new SegmentsPage();
