// Made by web/build.ts from web/index.ts; sources 512509f9bebfe1133339e6b80e45127ee4de3433fd73a2afd7a053106f898083
// web/shared/addresses.ts
var RTMP_PORT = 1935;
function playAddress(path, transport2, { page: page2 }, query = "") {
  const isSecure = page2.protocol === "https:";
  const scheme = transport2 === "ws-flv" ? isSecure ? "wss:" : "ws:" : page2.protocol;
  return `${scheme}//${page2.host}/${path}.flv${query}`;
}
function hlsAddress(path, { page: page2 }, query = "") {
  return `${page2.protocol}//${page2.host}/hls/${path}/index.m3u8${query}`;
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
function publishHints(path, server) {
  const [app, name] = path.split("/");
  const rtmp = rtmpBase(server);
  const output = rtmp ? `-f flv ${rtmp}/${path}` : `-f flv -method POST ${playAddress(path, "http-flv", server)}`;
  return [
    ...rtmp ? [
      {
        label: "OBS: Server",
        text: `${rtmp}/${app}`
      },
      {
        label: "OBS: Stream key",
        text: name
      }
    ] : [],
    {
      label: "ffmpeg",
      text: `ffmpeg -re -i video.mp4 -c:v libx264 -g 50 -bf 0 -c:a aac ${output}`
    }
  ];
}
function rtmpBase({ page: page2, rtmpPort }) {
  if (rtmpPort === null) return void 0;
  return `rtmp://${page2.hostname}${rtmpPort === RTMP_PORT ? "" : `:${rtmpPort}`}`;
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

// web/player/codec_support.ts
function unplayableCodec({ video, audio }, mediaSource2) {
  if (isUnplayable(video, "video/mp4", mediaSource2)) return codecName(video.codec);
  if (isUnplayable(audio, audio?.codec === "mp3" ? "audio/mpeg" : "audio/mp4", mediaSource2)) {
    return codecName(audio.codec);
  }
}
function isUnplayable(track, container, source) {
  if (!track?.codecString) return false;
  const type = container === "audio/mpeg" ? container : `${container}; codecs="${track.codecString}"`;
  return !source.isTypeSupported(type);
}
function findMediaSource(scope = globalThis) {
  const { ManagedMediaSource, MediaSource } = scope;
  return ManagedMediaSource ?? MediaSource;
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
var JUMP_LATENCY = 4;
var INSIDE = 0.01;
function latencyAt(position, ranges) {
  const last = ranges.at(-1);
  return last ? Math.max(0, last.end - position) : 0;
}
function jumpTarget(position, ranges, behind, limit = JUMP_LATENCY) {
  const last = ranges.at(-1);
  if (!last) return void 0;
  const isBeforeHole = position < last.start;
  const isFarBehind = last.end - position > limit;
  return isBeforeHole || isFarBehind ? Math.max(last.start + INSIDE, last.end - behind) : void 0;
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

// web/player/live_pace.ts
var LEAST_MARGIN = 0.1;
var MOST_MARGIN = 1;
var LANDING = 0.15;
var WORTH = 0.25;
var STALL_STEP = 0.05;
var NEXT_STALL_STEP = 0.15;
var CALM_SECONDS = 90;
var MOST_CALM_SECONDS = 600;
var CALM_STEP = 0.025;
var SOON_SECONDS = 10;
var WINDOW_SECONDS = 5;
var TOLERANCE = 0.06;
var MOST_RATE = 1.1;
var LEAST_RATE = 0.95;
var RATE_PER_SECOND = 0.4;
var STARVING = 0.4;
var FED = 0.8;
var LivePace = class {
  #margin = LEAST_MARGIN;
  #stalledAt = -Infinity;
  #calmSince = -Infinity;
  #narrowedAt = -Infinity;
  #calmSeconds = CALM_SECONDS;
  #mood = "even";
  /** How far what had arrived was ahead of the clock, at the least: in this window and the one before. */
  #least = Infinity;
  #leastBefore = Infinity;
  #windowEnd = -Infinity;
  /** How much is to be left to show when the next piece arrives. */
  get margin() {
    return this.#margin;
  }
  /** How far behind what has arrived a jump is to land. */
  get landing() {
    return this.#margin + LANDING;
  }
  /** A picture that has just begun, stands, or is looked at again, jumps when it is farther behind than this. */
  get near() {
    return this.landing + WORTH;
  }
  /** The picture stood because nothing was left. */
  stalled(now) {
    const step = now - this.#stalledAt < SOON_SECONDS ? NEXT_STALL_STEP : STALL_STEP;
    this.#margin = Math.min(MOST_MARGIN, this.#margin + step);
    this.#stalledAt = this.#calmSince = now;
    if (now - this.#narrowedAt < SOON_SECONDS) {
      this.#calmSeconds = Math.min(MOST_CALM_SECONDS, this.#calmSeconds * 2);
    }
  }
  /** The stream begins anew, or the picture has jumped: what was seen of its pieces counts no more. */
  restart() {
    this.#least = this.#leastBefore = Infinity;
    this.#windowEnd = -Infinity;
    this.#mood = "even";
  }
  /** Takes in that the stream has arrived up to `edge`. */
  observe(edge, now) {
    if (now >= this.#windowEnd) {
      this.#leastBefore = this.#least;
      this.#least = Infinity;
      this.#windowEnd = now + WINDOW_SECONDS;
    }
    this.#least = Math.min(this.#least, edge - now);
  }
  /** The pace for a picture at `position`, after what has arrived was observed; 1 is the stream's own. */
  rateAt(position, now) {
    this.#relax(now);
    const spare = now + Math.min(this.#least, this.#leastBefore) - position;
    this.#mood = this.#moodAt(spare);
    if (this.#mood === "held back") return LEAST_RATE;
    if (this.#mood === "even") return 1;
    const rate = 1 + (spare - this.#margin) * RATE_PER_SECOND;
    return Math.min(MOST_RATE, Math.max(1.02, Math.round(rate * 50) / 50));
  }
  #moodAt(spare) {
    if (spare < this.#margin * (this.#mood === "held back" ? FED : STARVING)) return "held back";
    return spare > this.#margin + (this.#mood === "hurried" ? 0 : TOLERANCE) ? "hurried" : "even";
  }
  #relax(now) {
    if (now - this.#calmSince < this.#calmSeconds) return;
    if (this.#margin > LEAST_MARGIN) this.#narrowedAt = now;
    else this.#calmSeconds = CALM_SECONDS;
    this.#calmSince = now;
    this.#margin = Math.max(LEAST_MARGIN, this.#margin - CALM_STEP);
  }
};

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

// web/player/byte_source.ts
var SourceError = class extends Error {
  code;
  name;
  constructor(code, message) {
    super(message), this.code = code, this.name = "SourceError";
  }
};
var ORDERLY_CLOSE = [
  1e3,
  1001,
  1012
];
var MAX_REASON_LENGTH = 300;
function receive(url, signal, sink) {
  return /^wss?:/.test(url) ? receiveMessages(url, signal, sink) : receiveBody(url, signal, sink);
}
async function receiveBody(url, signal, sink) {
  const response = await fetch(url, {
    signal,
    cache: "no-store"
  });
  if (!response.ok || !response.body) throw new SourceError(response.status, await reasonOf(response));
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) sink(bufferOf(value));
}
async function reasonOf(response) {
  try {
    const { detail } = await response.json();
    return String(detail ?? response.statusText).slice(0, MAX_REASON_LENGTH);
  } catch {
    return response.statusText;
  }
}
function bufferOf(bytes) {
  return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
function receiveMessages(url, signal, sink) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer && !signal.aborted) sink(data);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    if (ORDERLY_CLOSE.includes(code)) resolve();
    else reject(new SourceError(code, reason));
  });
  signal.addEventListener("abort", () => {
    socket.close();
    reject(signal.reason);
  });
  return promise;
}

// web/player/stream_loader.ts
function streamLoader(mpegts, onBytes) {
  const { BaseLoader, LoaderErrors, LoaderStatus } = mpegts;
  return class StreamLoader extends BaseLoader {
    #controller = new AbortController();
    #received = 0;
    constructor() {
      super("stream-loader");
    }
    open({ url }) {
      this._status = LoaderStatus.kConnecting;
      receive(url, this.#controller.signal, (chunk) => this.#deliver(chunk)).then(() => this.#complete(), (error) => this.#fail(error));
    }
    abort() {
      this._status = LoaderStatus.kComplete;
      this.#controller.abort();
    }
    destroy() {
      this.abort();
      super.destroy();
    }
    #deliver(chunk) {
      if (this.#controller.signal.aborted) return;
      this._status = LoaderStatus.kBuffering;
      const start = this.#received;
      this.#received += chunk.byteLength;
      onBytes(chunk.byteLength);
      this.onDataArrival(chunk, start, this.#received);
    }
    #complete() {
      if (this.#controller.signal.aborted) return;
      this._status = LoaderStatus.kComplete;
      this.onComplete(0, this.#received - 1);
    }
    #fail(error) {
      if (this.#controller.signal.aborted) return;
      this._status = LoaderStatus.kError;
      const code = error instanceof SourceError ? error.code : -1;
      this.onError(LoaderErrors.EXCEPTION, {
        code,
        msg: error.message
      });
    }
  };
}

// web/player/flv_connection.ts
var KEEP_BEHIND = {
  max: 30,
  min: 15
};
var SETTLE_SECONDS = 0.7;
function connectTo(video) {
  loadMpegts().catch(() => {
  });
  return (request, events) => new FlvConnection(video, request, events);
}
var FlvConnection = class {
  #video;
  #events;
  #controller = new AbortController();
  #pace = new LivePace();
  #player;
  #received = 0;
  #hasBegun = false;
  /** When to look once more whether a picture that has begun is near the live edge, in seconds. */
  #settlesAt = Infinity;
  /** The picture stands, and has not jumped since. */
  #stands = false;
  constructor(video, request, events) {
    this.#video = video;
    this.#events = events;
    loadMpegts().then((mpegts) => this.#start(mpegts, request), (error) => this.#fail("lost", error.message));
  }
  get received() {
    return this.#received;
  }
  [Symbol.dispose]() {
    this.#controller.abort();
    this.#player?.destroy();
    this.#video.playbackRate = 1;
  }
  #start(mpegts, { url, hasAudio, hasVideo }) {
    if (this.#controller.signal.aborted) return;
    if (!mpegts.isSupported()) return this.#fail("unplayable", "");
    const player = mpegts.createPlayer({
      type: "flv",
      isLive: true,
      url,
      hasAudio,
      hasVideo
    }, {
      customLoader: streamLoader(mpegts, (bytes) => this.#onBytes(bytes)),
      enableStashBuffer: false,
      autoCleanupSourceBuffer: true,
      autoCleanupMaxBackwardDuration: KEEP_BEHIND.max,
      autoCleanupMinBackwardDuration: KEEP_BEHIND.min
    });
    this.#player = player;
    player.attachMediaElement(this.#video);
    this.#listen(mpegts, player);
    player.load();
    play(this.#video);
  }
  #listen({ Events, ErrorTypes }, player) {
    player.on(Events.LOADING_COMPLETE, () => this.#events.onEnded());
    player.on(Events.ERROR, (type, _detail, { code, msg }) => {
      this.#fail(type === ErrorTypes.NETWORK_ERROR ? failureKind(code) : "broken", msg);
    });
    const { signal } = this.#controller;
    this.#video.addEventListener("playing", () => this.#onPlaying(), {
      signal
    });
    this.#video.addEventListener("waiting", () => this.#onStalled(), {
      signal
    });
    this.#video.addEventListener("error", () => this.#fail("broken", this.#video.error?.message ?? ""), {
      signal
    });
    this.#video.addEventListener("timeupdate", () => this.#keepLive(), {
      signal
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.#keepLive(this.#pace.near), {
      signal
    });
  }
  /**
   * Before a piece is taken in is when the least is left to show. A picture that stands does not wait until the browser, which
   * wants more after each stall, up to three seconds, goes on by itself: after a jump it begins as soon as at first.
   */
  #onBytes(bytes) {
    this.#received += bytes;
    const settles = performance.now() / 1e3 >= this.#settlesAt;
    if (settles) this.#settlesAt = Infinity;
    this.#keepLive(settles || this.#stands ? this.#pace.near : void 0);
  }
  /** What a stream begins with goes back to its newest key frame: the picture begins at the live edge all the same. */
  #onPlaying() {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    this.#stands = false;
    if (isFirst) {
      this.#settlesAt = performance.now() / 1e3 + SETTLE_SECONDS;
      this.#keepLive(this.#pace.near);
    }
    this.#events.onPlaying();
  }
  #onStalled() {
    if (this.#hasBegun && !this.#video.seeking) {
      this.#pace.stalled(performance.now() / 1e3);
      this.#stands = true;
    }
    this.#events.onStalled();
  }
  /** Jumps to the live edge from `limit` seconds on; nearer to it the pace is enough. */
  #keepLive(limit) {
    const { paused, seeking, currentTime } = this.#video;
    const ranges = rangesOf(this.#video.buffered);
    if (paused || seeking || ranges.length === 0) return;
    const now = performance.now() / 1e3;
    const target = jumpTarget(currentTime, ranges, this.#pace.landing, limit);
    if (target !== void 0) this.#jumpTo(target);
    else if (this.#hasBegun) {
      this.#pace.observe(ranges.at(-1).end, now);
      this.#setRate(this.#pace.rateAt(currentTime, now));
    }
  }
  #jumpTo(position) {
    this.#stands = false;
    this.#pace.restart();
    this.#setRate(1);
    this.#video.currentTime = position;
  }
  #setRate(rate) {
    if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
  }
  #fail(kind, detail) {
    if (!this.#controller.signal.aborted) this.#events.onFailed({
      kind,
      detail
    });
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
    const addresses = this.#parts.addresses(path, this.#serverAddress());
    byId("play-addresses", HTMLElement).replaceChildren(...addressItems(addresses));
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
function wayOf({ hasMediaSource, playsHls }) {
  if (hasMediaSource) return "flv";
  return playsHls ? "native-hls" : "none";
}
var HLS_TYPE = "application/vnd.apple.mpegurl";

// web/index.ts
var PROPOSED_PATH = "live/cam";
var mediaSource = findMediaSource();
var way = wayOf({
  hasMediaSource: mediaSource !== void 0,
  playsHls: document.createElement("video").canPlayType(HLS_TYPE) !== ""
});
var transport = "http-flv";
var page = new LivePage({
  connect: way === "native-hls" ? connectNatively : connectTo,
  address: (path, server, query) => {
    return way === "native-hls" ? hlsAddress(path, server, query) : playAddress(path, transport, server, query);
  },
  unplayable: (stream) => {
    if (way === "native-hls") return void 0;
    return mediaSource ? unplayableCodec(stream, mediaSource) : "";
  },
  addresses: playAddresses,
  onServer: showPublishHints
});
byId("transport", HTMLFieldSetElement).hidden = way !== "flv";
for (const input of document.querySelectorAll("input[name=transport]")) {
  if (input.checked && input.value !== transport) change(input.value);
  input.addEventListener("change", () => change(input.value));
}
function change(value) {
  transport = value;
  page.player.reconnect();
}
function showPublishHints(server, hasStreams) {
  byId("publish-card", HTMLDetailsElement).open = !hasStreams;
  byId("publish-hints", HTMLElement).replaceChildren(...addressItems(publishHints(PROPOSED_PATH, server)));
}
