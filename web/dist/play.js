// Made by web/build.ts from web/play.ts; sources f7fef31ff200c74fa69ce671da8ae50149188019a52403f0c5de71d7f50bc300
// web/shared/addresses.ts
function hlsAddress(path, { page }, query = "") {
  return `${page.protocol}//${page.host}/hls/${path}/index.m3u8${query}`;
}

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

// web/player/live_edge.ts
function latencyAt(position, ranges) {
  const last = ranges.at(-1);
  return last ? Math.max(0, last.end - position) : 0;
}
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

// web/player/hls_library.ts
var loadHls = scriptLibrary("hls", () => {
  return globalThis.Hls;
});

// web/shared/units.ts
var MOMENT = new Intl.DateTimeFormat(void 0, {
  dateStyle: "medium",
  timeStyle: "medium"
});
function bitrateText(bitsPerSecond) {
  const kilobits = Math.round(bitsPerSecond / 1e3);
  return kilobits < 1e3 ? `${kilobits} kbit/s` : `${(kilobits / 1e3).toFixed(kilobits < 1e5 ? 1 : 0)} Mbit/s`;
}

// web/watch/quality_menu.ts
var AUTOMATIC = -1;
var QualityMenu = class {
  #field;
  #select;
  #choose;
  /** `field` holds the label and the list. */
  constructor(field, select) {
    this.#field = field;
    this.#select = select;
    select.addEventListener("change", () => this.#choose?.(Number(select.value)));
  }
  /** Shows these qualities, the best one first; `choose` is told which one the viewer wants. */
  open(levels, choose) {
    this.#choose = choose;
    const sorted = levels.toSorted((a, b) => b.bitrate - a.bitrate);
    const options = sorted.map((level) => make("option", {
      value: String(level.id),
      textContent: levelName(level)
    }));
    this.#select.replaceChildren(make("option", {
      value: String(AUTOMATIC),
      textContent: "Automatic"
    }), ...options);
    this.#field.hidden = levels.length < 2;
  }
  /** Says which quality is being played, also when it was not the viewer who chose it. */
  showCurrent(id) {
    const option = this.#select.querySelector(`option[value="${id}"]`);
    this.#select.options[0].textContent = option ? `Automatic (${option.textContent})` : "Automatic";
  }
  close() {
    this.#choose = void 0;
    this.#field.hidden = true;
  }
};
function levelName({ height, bitrate }) {
  return height ? `${height}p, ${bitrateText(bitrate)}` : bitrateText(bitrate);
}

// web/player/hls_connection.ts
var MAX_RECOVERIES = 2;
var JUMP_SECONDS = 6;
var END_TOLERANCE = 0.15;
var MOVES = [
  "timeupdate",
  "waiting",
  "seeking",
  "ended"
];
var KEEP_BEHIND = 30;
function connectHls(video, menu2) {
  loadHls().catch(() => {
  });
  return ({ url }, events) => new HlsConnection(video, menu2, url, events);
}
var HlsConnection = class {
  #video;
  #menu;
  #events;
  #controller = new AbortController();
  #hls;
  #received = 0;
  #recoveries = 0;
  #wasLive = false;
  #isOver = false;
  constructor(video, menu2, url, events) {
    this.#video = video;
    this.#menu = menu2;
    this.#events = events;
    loadHls().then((library) => this.#start(library, url), (error) => this.#fail("lost", error.message));
  }
  get received() {
    return this.#received;
  }
  get latency() {
    return this.#hls && this.#wasLive ? this.#hls.latency : void 0;
  }
  [Symbol.dispose]() {
    this.#controller.abort();
    this.#menu.close();
    this.#hls?.destroy();
    this.#video.playbackRate = 1;
  }
  #start(library, url) {
    if (this.#controller.signal.aborted) return;
    if (!library.isSupported()) return this.#fail("unplayable", "");
    const hls = new library({
      enableWorker: false,
      lowLatencyMode: true,
      maxLiveSyncPlaybackRate: 1.1,
      backBufferLength: KEEP_BEHIND
    });
    this.#hls = hls;
    this.#listen(library, hls);
    hls.loadSource(url);
    hls.attachMedia(this.#video);
  }
  #listen({ Events, ErrorTypes }, hls) {
    hls.on(Events.MANIFEST_PARSED, () => {
      this.#showLevels(hls);
      play(this.#video);
    });
    hls.on(Events.LEVEL_SWITCHED, (_, { level }) => this.#menu.showCurrent(level));
    hls.on(Events.LEVEL_LOADED, (_, { details }) => this.#onPlaylist(details.live));
    hls.on(Events.FRAG_LOADED, (_, { frag, part }) => this.#received += (part?.stats ?? frag.stats).loaded);
    hls.on(Events.ERROR, (_, { type, fatal, response, error }) => {
      if (!fatal) return;
      if (type === ErrorTypes.MEDIA_ERROR && this.#recoveries++ < MAX_RECOVERIES) return hls.recoverMediaError();
      if (type === ErrorTypes.NETWORK_ERROR) return this.#fail(failureKind(response?.code ?? 0), "");
      this.#fail("broken", error.message);
    });
    const { signal } = this.#controller;
    this.#video.addEventListener("playing", () => this.#events.onPlaying(), {
      signal
    });
    this.#video.addEventListener("waiting", () => this.#events.onStalled(), {
      signal
    });
    for (const event of MOVES) this.#video.addEventListener(event, () => this.#endIfOver(), {
      signal
    });
    this.#video.addEventListener("timeupdate", () => this.#keepLive(hls), {
      signal
    });
    document.addEventListener("visibilitychange", () => this.#keepLive(hls), {
      signal
    });
  }
  /** A playlist that had ended before anybody watched is what is left of a stream that is not live. */
  #onPlaylist(isLive) {
    if (!isLive && !this.#wasLive) return this.#fail("absent", "");
    this.#isOver = !isLive;
    this.#wasLive = true;
  }
  /** After the end of a live stream hls.js does not always come to the end that it expects. */
  #endIfOver() {
    const { currentTime, buffered, ended } = this.#video;
    if (!this.#isOver || !ended && latencyAt(currentTime, rangesOf(buffered)) > END_TOLERANCE) return;
    this.#isOver = false;
    this.#events.onEnded();
  }
  #keepLive(hls) {
    const { paused, seeking } = this.#video;
    const { liveSyncPosition, latency, targetLatency } = hls;
    if (paused || seeking || document.hidden || liveSyncPosition === null || targetLatency === null) return;
    if (latency > targetLatency + JUMP_SECONDS) this.#video.currentTime = liveSyncPosition;
  }
  #showLevels(hls) {
    const levels = hls.levels.map(({ height, bitrate }, id) => ({
      id,
      height,
      bitrate
    }));
    this.#menu.open(levels, (id) => hls.nextLevel = id ?? AUTOMATIC);
  }
  #fail(kind, detail) {
    if (!this.#controller.signal.aborted) this.#events.onFailed({
      kind,
      detail
    });
  }
};

// web/shared/address_items.ts
var CONFIRM_MS = 1600;
function addressItems(addresses2) {
  return addresses2.map(({ label, text }) => {
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
function describeTrack({ codec, codecString }) {
  return codecString && codecString !== codec ? `${codecName(codec)} (${codecString})` : codecName(codec);
}

// web/shared/facts.ts
var UNKNOWN = "\u2013";
function factsOf(stream, before, now, wallClock) {
  const facts = [
    stream && [
      "Video",
      stream.video ? describeTrack(stream.video) : UNKNOWN
    ],
    [
      "Resolution",
      now.width ? `${now.width} \xD7 ${now.height}` : UNKNOWN
    ],
    stream && [
      "Audio",
      stream.audio ? codecName(stream.audio.codec) : UNKNOWN
    ],
    [
      "Bit rate",
      bitRate(before, now)
    ],
    [
      "Frame rate",
      frameRate(before, now)
    ],
    [
      "Latency",
      `${now.latency.toFixed(2)} s`
    ],
    [
      "Buffer",
      `${now.buffered.toFixed(2)} s`
    ],
    [
      "Dropped frames",
      droppedShare(now)
    ],
    stream && [
      "Viewers",
      String(stream.viewers)
    ],
    stream && [
      "On air for",
      duration(wallClock.getTime() - Date.parse(stream.since))
    ]
  ];
  return facts.filter((fact) => fact !== void 0);
}
function frameRate(before, now) {
  const seconds = (now.at - before.at) / 1e3;
  const frames = now.totalFrames - before.totalFrames;
  return seconds > 0 && frames >= 0 ? `${Math.round(frames / seconds)} fps` : UNKNOWN;
}
function bitRate(before, now) {
  if (now.received === void 0 || before.received === void 0 || now.received < before.received) return UNKNOWN;
  const seconds = (now.at - before.at) / 1e3;
  return seconds > 0 ? bitrateText(8 * (now.received - before.received) / seconds) : UNKNOWN;
}
function droppedShare({ droppedFrames, totalFrames }) {
  if (droppedFrames === 0) return "0";
  return `${droppedFrames} (${(100 * droppedFrames / totalFrames).toFixed(1)} %)`;
}
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

// web/watch/facts_view.ts
var FactsView = class {
  #list;
  #video;
  #last;
  constructor(list, video) {
    this.#list = new FactsList(list);
    this.#video = video;
    this.#last = sampleOf(video);
  }
  /** Takes a sample and shows what changed since the last one. */
  show(stream, connection) {
    const before = this.#last;
    this.#last = sampleOf(this.#video, connection);
    this.#list.show(factsOf(stream, before, this.#last, /* @__PURE__ */ new Date()));
  }
  hide() {
    this.#list.hide();
  }
};
function sampleOf(video, connection) {
  const ranges = rangesOf(video.buffered);
  const quality = video.getVideoPlaybackQuality();
  return {
    at: performance.now(),
    totalFrames: quality.totalVideoFrames,
    droppedFrames: quality.droppedVideoFrames,
    latency: connection?.latency ?? latencyAt(video.currentTime, ranges),
    buffered: bufferedAhead(video.currentTime, ranges),
    received: connection?.received,
    width: video.videoWidth,
    height: video.videoHeight
  };
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

// web/player/live_player.ts
var RETRY_MS = [
  500,
  1e3,
  2e3,
  4e3
];
var ABSENT_RETRY_MS = 15e3;
var REST_MS = 2e4;
var STALL_MS = 400;
var LivePlayer = class {
  #host;
  #phase = "idle";
  #path;
  #failure;
  #stream;
  #isInformed = false;
  #attempts = 0;
  #request;
  #connection;
  #cancelTimer;
  #cancelStall;
  constructor(host) {
    this.#host = host;
  }
  /** Where it is. */
  get status() {
    return {
      phase: this.#phase,
      path: this.#path,
      failure: this.#failure,
      stream: this.#stream,
      isInformed: this.#isInformed
    };
  }
  /** What is being played, as long as it is. */
  get connection() {
    return this.#connection;
  }
  /** Plays another stream; `stream` is what is known of it. */
  choose(path, stream) {
    this.#path = path;
    this.#stream = stream;
    this.reconnect();
  }
  /** Connects anew: the transport changed, or the viewer wants another try. */
  reconnect() {
    this.#attempts = 0;
    if (this.#path !== void 0) this.#connect();
  }
  /** Takes in how the server now describes the chosen stream; undefined when it is not live. */
  inform(stream) {
    const before = this.#stream;
    this.#stream = stream;
    this.#isInformed = true;
    if (stream && this.#isWorthConnecting(stream, before)) this.#connect();
    else this.#host.onChange(this.status);
  }
  /** The server did not say what is live: what seemed to have ended has lost its server. */
  miss() {
    if (this.#phase === "ended") this.#onFailed({
      kind: "lost",
      detail: ""
    });
  }
  /** The viewer paused. */
  pause() {
    if (this.#phase !== "playing" && this.#phase !== "stalled") return;
    this.#schedule(REST_MS, () => {
      this.#drop();
      this.#enter("resting");
    });
  }
  /** The viewer goes on after a pause. */
  resume() {
    if (this.#phase === "resting") this.reconnect();
    else if (this.#phase === "playing" || this.#phase === "stalled") this.#cancelTimer?.();
  }
  #isWorthConnecting(stream, before) {
    switch (this.#phase) {
      case "connecting":
      case "playing":
      case "stalled":
        return this.#lacksTrackOf(stream);
      case "ended":
        return true;
      case "failed":
        if (this.#failure?.kind === "absent") return true;
        return this.#failure?.kind === "unplayable" && stream.since !== before?.since;
      default:
        return false;
    }
  }
  /** Whether the connection was opened for a stream without a track that has turned up since. */
  #lacksTrackOf({ video, audio }) {
    return this.#request?.hasVideo === false && video !== null || this.#request?.hasAudio === false && audio !== null;
  }
  #connect() {
    this.#drop();
    const codec = this.#stream && this.#host.unplayable(this.#stream);
    if (codec !== void 0) return this.#fail({
      kind: "unplayable",
      detail: codec
    });
    this.#request = {
      url: this.#host.address(this.#path),
      ...knownTracks(this.#stream)
    };
    this.#enter("connecting");
    this.#connection = this.#host.connect(this.#request, {
      onPlaying: () => this.#onPlaying(),
      onStalled: () => this.#onStalled(),
      onEnded: () => this.#onEnded(),
      onFailed: (failure) => this.#onFailed(failure)
    });
  }
  #onPlaying() {
    if (this.#phase === "ended") return;
    this.#attempts = 0;
    this.#cancelTimer?.();
    this.#cancelStall?.();
    this.#enter("playing");
  }
  #onStalled() {
    if (this.#phase !== "playing") return;
    this.#cancelStall?.();
    this.#cancelStall = this.#host.later(() => this.#phase === "playing" && this.#enter("stalled"), STALL_MS);
  }
  #onEnded() {
    this.#cancelTimer?.();
    this.#cancelStall?.();
    this.#enter("ended");
    this.#schedule(RETRY_MS[0], () => {
      this.#schedule(ABSENT_RETRY_MS, () => this.#connect());
      this.#host.refresh();
    });
  }
  #onFailed(failure) {
    this.#attempts++;
    this.#fail(failure);
    const wait = retryDelay(failure, this.#attempts);
    if (wait !== void 0) this.#schedule(wait, () => this.#connect());
  }
  #fail(failure) {
    this.#cancelTimer?.();
    this.#enter("failed", failure);
  }
  #enter(phase, failure) {
    this.#phase = phase;
    this.#failure = failure;
    this.#host.onChange(this.status);
  }
  #drop() {
    this.#cancelTimer?.();
    this.#cancelStall?.();
    this.#connection?.[Symbol.dispose]();
    this.#connection = void 0;
    this.#request = void 0;
  }
  #schedule(ms, callback) {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#host.later(callback, ms);
  }
};
function knownTracks(stream) {
  if (!stream || !stream.video && !stream.audio) return {};
  return {
    ...stream.video ? {} : {
      hasVideo: false
    },
    ...stream.audio ? {} : {
      hasAudio: false
    }
  };
}
function retryDelay({ kind }, attempts) {
  switch (kind) {
    case "absent":
      return ABSENT_RETRY_MS;
    case "refused":
    case "unplayable":
      return void 0;
    case "broken":
    case "full":
    case "lost":
    case "upstream":
      return RETRY_MS[Math.min(attempts, RETRY_MS.length) - 1];
  }
}

// web/shared/live_stream.ts
var STREAM_PATH = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;
function isStreamPath(text) {
  return STREAM_PATH.test(text);
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

// web/watch/live_page.ts
var FACTS_MS = 1e3;
var LivePage = class {
  player;
  #parts;
  #stage = new StageView(() => this.player.reconnect());
  #streamList = new StreamListView(byId("streams", HTMLElement), byId("streams-note", HTMLElement), (path) => {
    this.#open(path);
  });
  #facts = new FactsView(byId("facts", HTMLElement), this.#stage.video);
  #playCard = byId("play-card", HTMLElement);
  #list;
  #streams = [];
  #server;
  #pausedUnseen = false;
  constructor(parts) {
    this.#parts = parts;
    this.player = new LivePlayer({
      connect: parts.connect(this.#stage.video),
      address: (path) => parts.address(path, this.#serverAddress(), forwardedQuery(location.search)),
      unplayable: (stream) => parts.unplayable(stream),
      later: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      onChange: (status) => this.#show(status),
      refresh: () => this.#list.refresh()
    });
    this.#list = new LiveList((answer) => this.#onAnswer(answer));
    this.#listen();
    this.#chooseFromAddress();
    setInterval(() => this.#showFacts(), FACTS_MS);
  }
  #listen() {
    const { video } = this.#stage;
    video.addEventListener("pause", () => {
      this.#pausedUnseen = document.hidden;
      this.player.pause();
    });
    video.addEventListener("play", () => this.player.resume());
    addEventListener("popstate", () => this.#chooseFromAddress());
    document.addEventListener("visibilitychange", () => this.#onSeenAgain());
  }
  /** Browsers pause what nobody sees: whoever comes back did not pause it. */
  #onSeenAgain() {
    if (document.hidden || !this.#pausedUnseen) return;
    this.#pausedUnseen = false;
    if (this.player.status.phase === "resting") this.player.reconnect();
    else if (this.#stage.video.paused) this.#stage.video.play().catch(() => {
    });
  }
  #onAnswer(answer) {
    if (!answer) {
      this.#streamList.showUnreachable();
      return this.player.miss();
    }
    this.#streams = answer.streams;
    this.#learn(answer.rtmpPort);
    const { path } = this.player.status;
    if (path === void 0 && this.#streams.length) this.player.choose(this.#streams[0].path, this.#streams[0]);
    this.player.inform(this.#find(this.player.status.path));
  }
  #open(path) {
    const query = new URLSearchParams(location.search);
    query.set("stream", path);
    history.pushState(null, "", `?${query}`.replaceAll("%2F", "/"));
    this.player.choose(path, this.#find(path));
  }
  #chooseFromAddress() {
    const wanted = new URLSearchParams(location.search).get("stream");
    const path = wanted !== null && isStreamPath(wanted) ? wanted : this.#streams[0]?.path;
    if (path !== void 0) this.player.choose(path, this.#find(path));
    else this.#show(this.player.status);
  }
  #show(status) {
    this.#stage.showStatus(status);
    this.#streamList.show(this.#streams, status.path);
    this.#showAddresses(status.path);
    if (status.phase !== "playing" && status.phase !== "stalled") this.#facts.hide();
  }
  #showFacts() {
    const { phase, stream } = this.player.status;
    if (phase === "playing" || phase === "stalled") this.#facts.show(stream, this.player.connection);
  }
  #showAddresses(path) {
    this.#playCard.hidden = path === void 0;
    if (path === void 0 || this.#playCard.dataset.path === path) return;
    this.#playCard.dataset.path = path;
    const addresses2 = this.#parts.addresses(path, this.#serverAddress());
    byId("play-addresses", HTMLElement).replaceChildren(...addressItems(addresses2));
  }
  #learn(rtmpPort) {
    if (this.#server?.rtmpPort === rtmpPort) return;
    this.#server = {
      page: location,
      rtmpPort
    };
    this.#playCard.dataset.path = "";
    this.#parts.onServer?.(this.#server, this.#streams.length > 0);
  }
  #serverAddress() {
    return this.#server ?? {
      page: location,
      rtmpPort: null
    };
  }
  #find(path) {
    return this.#streams.find((stream) => stream.path === path);
  }
};

// web/player/native_hls.ts
function connectNatively(video) {
  return ({ url }, events) => new NativeHls(video, url, events);
}
var NativeHls = class {
  #video;
  #url;
  #events;
  #controller = new AbortController();
  constructor(video, url, events) {
    this.#video = video;
    this.#url = url;
    this.#events = events;
    const { signal } = this.#controller;
    video.addEventListener("playing", () => events.onPlaying(), {
      signal
    });
    video.addEventListener("waiting", () => events.onStalled(), {
      signal
    });
    video.addEventListener("ended", () => events.onEnded(), {
      signal
    });
    video.addEventListener("error", () => this.#explain(), {
      signal
    });
    video.src = url;
    play(video);
  }
  /** By the date that the playlist gives what is shown, where the browser tells it. */
  get latency() {
    const { getStartDate } = this.#video;
    const start = getStartDate?.call(this.#video).getTime();
    if (start === void 0 || Number.isNaN(start)) return void 0;
    return Math.max(0, (Date.now() - start) / 1e3 - this.#video.currentTime);
  }
  [Symbol.dispose]() {
    this.#controller.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
  }
  /** The element does not say why it has failed: what the server says of the playlist does. */
  async #explain() {
    const { signal } = this.#controller;
    const detail = this.#video.error?.message ?? "";
    try {
      const { ok, status } = await fetch(this.#url, {
        signal,
        cache: "no-store"
      });
      this.#fail(ok ? "broken" : failureKind(status), detail);
    } catch {
      this.#fail("lost", detail);
    }
  }
  #fail(kind, detail) {
    if (!this.#controller.signal.aborted) this.#events.onFailed({
      kind,
      detail
    });
  }
};

// web/watch/way.ts
var HLS_TYPE = "application/vnd.apple.mpegurl";

// web/play.ts
var isNative = navigator.vendor.startsWith("Apple") && document.createElement("video").canPlayType(HLS_TYPE) !== "";
var menu = new QualityMenu(byId("quality-field", HTMLElement), byId("quality", HTMLSelectElement));
new LivePage({
  connect: (video) => isNative ? connectNatively(video) : connectHls(video, menu),
  address: hlsAddress,
  unplayable: () => void 0,
  addresses
});
function addresses(path, server) {
  const address = hlsAddress(path, server);
  return [
    {
      label: "HLS, for phones and television sets",
      text: address
    },
    {
      label: "ffplay",
      text: `ffplay ${address}`
    }
  ];
}
