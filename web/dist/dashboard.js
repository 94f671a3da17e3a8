// Made by web/build.ts from web/dashboard.ts; sources 70a8548c3d252e392a643236abaed8a329c83bf3508bf5abe548697bf1113e0b
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
function bitrateText(bitsPerSecond) {
  const kilobits = Math.round(bitsPerSecond / 1e3);
  return kilobits < 1e3 ? `${kilobits} kbit/s` : `${(kilobits / 1e3).toFixed(kilobits < 1e5 ? 1 : 0)} Mbit/s`;
}
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

// web/recordings/recording.ts
function timeOf({ start, modified }) {
  return new Date(start ?? modified);
}

// web/recordings/recording_list_view.ts
function timeText(recording) {
  return momentText(timeOf(recording));
}

// web/dashboard/api_client.ts
var BASE = "/api/v1";
var ApiError = class extends Error {
  status;
  name;
  /** `status` is that of HTTP. */
  constructor(status, message) {
    super(message), this.status = status, this.name = "ApiError";
  }
};
var ApiClient = class {
  /** The token that is sent along; none where the server needs none. */
  token;
  /**
   * What the server answers.
   *
   * Throws {@linkcode ApiError} for a refusal, and what `fetch` throws when the server cannot be reached.
   */
  async get(path, signal) {
    return await (await this.#ask(path, {
      signal
    })).json();
  }
  /** Opens an answer that goes on and on; `lastId` is the last event that came. */
  async open(path, lastId, signal) {
    const { body } = await this.#ask(path, {
      signal,
      headers: {
        "last-event-id": lastId
      }
    });
    if (!body) throw new TypeError("The answer has no body");
    return body;
  }
  /** Changes something. Throws as {@linkcode ApiClient.get} does. */
  async change(method, path) {
    await this.#ask(path, {
      method
    });
  }
  async #ask(path, init) {
    const headers = {
      ...init.headers,
      ...this.token && {
        authorization: `Bearer ${this.token}`
      }
    };
    const response = await fetch(BASE + path, {
      ...init,
      headers,
      cache: "no-store"
    });
    if (response.ok) return response;
    throw new ApiError(response.status, await reasonOf(response));
  }
};
async function reasonOf(response) {
  try {
    const { detail, error } = await response.json();
    return String(detail ?? error);
  } catch {
    return response.statusText || `The server answered ${response.status}`;
  }
}

// web/dashboard/sse_reader.ts
var SseReader = class {
  #rest = "";
  #id;
  #event = "";
  #data = [];
  /** The messages that a piece completes. */
  read(text) {
    const lines = (this.#rest + text).split(/\r\n|\n/);
    this.#rest = lines.pop();
    return lines.flatMap((line) => this.#line(line) ?? []);
  }
  #line(line) {
    if (line === "") return this.#message();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") this.#id = value;
    else if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
  }
  #message() {
    const [event, data] = [
      this.#event || "message",
      this.#data
    ];
    [this.#event, this.#data] = [
      "",
      []
    ];
    if (data.length > 0) return {
      id: this.#id,
      event,
      data: data.join("\n")
    };
  }
};

// web/dashboard/event_follower.ts
var RETRY_MS = 2e3;
var NAMES2 = "stream:start,stream:interrupt,stream:resume,stream:end,play:*,artifact:open,artifact:complete,artifact:remove,artifact:fail,config:*,server:*";
var FROM_THE_BEGINNING = "none";
var EventFollower = class {
  #api;
  #onEvent;
  #controller = new AbortController();
  #lastId = FROM_THE_BEGINNING;
  /** A token is sent in a header, which `EventSource` cannot do: the stream is read by `fetch`. */
  constructor(api, onEvent) {
    this.#api = api;
    this.#onEvent = onEvent;
    this.#follow();
  }
  [Symbol.dispose]() {
    this.#controller.abort();
  }
  async #follow() {
    const { signal } = this.#controller;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        if (error instanceof ApiError && [
          401,
          403
        ].includes(error.status)) return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  async #read(signal) {
    const sse = new SseReader();
    const body = await this.#api.open(`/events?names=${NAMES2}`, this.#lastId, signal);
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      for (const { id, event, data } of sse.read(value)) {
        this.#lastId = id ?? this.#lastId;
        if (event !== "gap") this.#onEvent(JSON.parse(data));
      }
    }
  }
};

// web/dashboard/event_words.ts
function describeEvent({ name, stream = "", session, data }) {
  const who = session ? `${session.remote} by ${session.protocol}` : "somebody";
  const reason = data.reason === void 0 ? "" : `: ${data.reason}`;
  switch (name) {
    case "session:start":
      return {
        tone: "quiet",
        text: `${who} connected`
      };
    case "session:end":
      return {
        tone: "quiet",
        text: `${who} disconnected${reason}`
      };
    case "stream:start":
      return {
        tone: "live",
        text: `${stream} is live, from ${who}`
      };
    case "stream:interrupt":
      return {
        tone: "waiting",
        text: `${stream} lost its publisher${reason}`
      };
    case "stream:resume":
      return {
        tone: "live",
        text: `${stream} goes on, from ${who}`
      };
    case "stream:end":
      return {
        tone: "quiet",
        text: `${stream} has ended${reason}`
      };
    case "play:start":
      return {
        tone: "quiet",
        text: `${who} watches ${stream}`
      };
    case "play:end":
      return {
        tone: "quiet",
        text: `${who} has left ${stream}${reason}`
      };
    case "artifact:open":
      return {
        tone: "live",
        text: `${data.by} writes ${data.path}`
      };
    case "artifact:complete":
      return {
        tone: "quiet",
        text: `${data.by} has written ${data.path}${sizeText(data)}`
      };
    case "artifact:remove":
      return {
        tone: "quiet",
        text: `${data.by} removed ${data.path}`
      };
    case "artifact:fail":
      return {
        tone: "trouble",
        text: `${data.by} cannot write ${stream}: ${data.problem}`
      };
    case "server:start":
      return {
        tone: "live",
        text: "The server was started"
      };
    case "server:stop":
      return {
        tone: "trouble",
        text: "The server stops"
      };
    default:
      return {
        tone: "quiet",
        text: [
          name,
          stream
        ].filter(Boolean).join(" ")
      };
  }
}
function sizeText({ bytes, seconds }) {
  const length = typeof seconds === "number" ? `, ${duration(seconds * 1e3)}` : "";
  return length + (typeof bytes === "number" ? `, ${bytesText(bytes)}` : "");
}

// web/dashboard/event_log.ts
var SHOWN = 100;
var CLOCK = new Intl.DateTimeFormat(void 0, {
  timeStyle: "medium"
});
var EventLog = class {
  #list;
  #note;
  constructor(list, note) {
    this.#list = list;
    this.#note = note;
  }
  /** Shows an event above all others. */
  add(event) {
    const { tone, text } = describeEvent(event);
    const item = make("li", {}, make("time", {
      dateTime: event.time,
      textContent: CLOCK.format(new Date(event.time))
    }), ...breakable(text));
    item.dataset.tone = tone;
    this.#list.prepend(item);
    this.#note.hidden = true;
    if (this.#list.children.length > SHOWN) this.#list.lastElementChild?.remove();
  }
};

// web/dashboard/series.ts
var SERIES_LENGTH = 150;
var Series = class {
  times = [];
  values = [];
  /** Takes the next value; null for one that is not known. */
  add(time, value) {
    this.times.push(time);
    this.values.push(value);
    if (this.times.length <= SERIES_LENGTH) return;
    this.times.shift();
    this.values.shift();
  }
  /** The newest value; null when it is not known. */
  get newest() {
    return this.values.at(-1) ?? null;
  }
};
var Rates = class {
  #before = /* @__PURE__ */ new Map();
  #at;
  /**
   * How much each counter grew per second since the last time; those that are new, and those that began anew, are left out.
   *
   * `time` is in seconds.
   */
  of(counters, time) {
    const seconds = this.#at === void 0 ? 0 : time - this.#at;
    const rates = /* @__PURE__ */ new Map();
    for (const [name, value] of counters) {
      const before = this.#before.get(name);
      if (before !== void 0 && value >= before && seconds > 0) rates.set(name, (value - before) / seconds);
    }
    this.#before = new Map(counters);
    this.#at = time;
    return rates;
  }
};

// web/dashboard/figures.ts
var COUNTED_SESSIONS = 1e3;
var FigureReader = class {
  #cpu = new Rates();
  #traffic = new Rates();
  #sent = new Rates();
  #rates = /* @__PURE__ */ new Map();
  #hasLooked = false;
  /** The figures of a look; `now` is any clock, in seconds. */
  read({ server, streams, sessions, answer }, now) {
    const { items, total } = sessions;
    this.#rates = this.#traffic.of(new Map(items.map(({ id, bytesIn, bytesOut }) => [
      id,
      bytesIn + bytesOut
    ])), now);
    const sent = this.#sent.of(new Map(items.map(({ id, bytesOut }) => [
      id,
      bytesOut
    ])), now);
    const cpu = this.#cpu.of(/* @__PURE__ */ new Map([
      [
        server.run,
        server.cpuSeconds
      ]
    ]), now);
    const isKnown = this.#hasLooked && total <= COUNTED_SESSIONS;
    this.#hasLooked = true;
    return {
      server,
      received: streams.items.reduce((sum, { bitrate }) => sum + bitrate["1s"], 0),
      sent: isKnown ? [
        ...sent.values()
      ].reduce((sum, rate) => sum + rate, 0) * 8 : null,
      cpu: cpu.get(server.run) ?? null,
      answer
    };
  }
  /** What a session moved in both directions, in bytes per second; undefined while that is not known. */
  rateOf(session) {
    return this.#rates.get(session);
  }
};

// web/dashboard/keyed_list.ts
var KeyedList = class {
  #parent;
  #keyOf;
  #create;
  #views = /* @__PURE__ */ new Map();
  constructor(parent, keyOf, create) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#create = create;
  }
  /** Shows these things in this order. */
  show(items) {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, { element }] of this.#views) {
      if (keys.has(key)) continue;
      element.remove();
      this.#views.delete(key);
    }
    for (const [i, item] of items.entries()) this.#showAt(i, item);
  }
  #showAt(place, item) {
    const key = this.#keyOf(item);
    let view = this.#views.get(key);
    if (!view) this.#views.set(key, view = this.#create(item));
    view.update(item);
    const there = this.#parent.children[place];
    if (there !== view.element) this.#parent.insertBefore(view.element, there ?? null);
  }
};

// web/dashboard/lock_view.ts
var LockView = class {
  #card = byId("lock", HTMLElement);
  #field = byId("token", HTMLInputElement);
  #fault = byId("lock-fault", HTMLElement);
  /** `onToken` gets what was typed. */
  constructor(onToken) {
    byId("lock-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.#field.value.trim();
      this.#field.value = "";
      showText(this.#fault, void 0);
      if (token) onToken(token);
    });
  }
  /** Asks; `why` is what the server says, when a token was refused. That stays until another one is given. */
  ask(why) {
    const wasHidden = this.#card.hidden;
    this.#card.hidden = false;
    if (why !== void 0) showText(this.#fault, why);
    if (wasHidden || why) this.#field.focus();
  }
  hide() {
    this.#card.hidden = true;
    showText(this.#fault, void 0);
  }
};

// web/dashboard/confirm_button.ts
var CONFIRM_MS = 4e3;
var READ_ONLY = "Needs a token that may change things";
function confirmButton(text, name, act) {
  const button = make("button", {
    type: "button",
    className: "secondary danger",
    textContent: text
  });
  button.setAttribute("aria-label", name);
  let timer;
  const calm = () => {
    clearTimeout(timer);
    timer = void 0;
    button.textContent = text;
    button.setAttribute("aria-label", name);
  };
  button.addEventListener("click", () => {
    if (timer !== void 0) {
      calm();
      act();
      return;
    }
    button.textContent = "Really?";
    button.setAttribute("aria-label", `${name}: press again to do it`);
    timer = setTimeout(calm, CONFIRM_MS);
  });
  button.addEventListener("blur", calm);
  return button;
}
function permit(button, mayWrite) {
  button.disabled = !mayWrite;
  button.title = mayWrite ? "" : READ_ONLY;
}

// web/dashboard/session_view.ts
var SessionView = class {
  element = make("tr", {});
  #host;
  #cells;
  #kick;
  constructor(host, { id, remote }) {
    this.#host = host;
    this.#kick = confirmButton("Kick", `Kick ${remote}`, () => host.change("DELETE", `/sessions/${id}`, `kick ${remote}`));
    const names = [
      "Stream",
      "Part",
      "Protocol",
      "From",
      "For",
      "Bytes",
      "Rate"
    ];
    this.#cells = Object.fromEntries(names.map((name) => [
      name,
      cell(name)
    ]));
    this.element.append(...Object.values(this.#cells), make("td", {
      className: "act"
    }, this.#kick));
  }
  update(session) {
    const rate = this.#host.rateOf(session.id);
    const texts = {
      Stream: session.stream ?? "\u2013",
      Part: session.role === "publish" ? "publishes" : session.role === "play" ? "watches" : "\u2013",
      Protocol: session.protocol,
      From: session.remote,
      For: duration(session.seconds * 1e3),
      Bytes: bytesText(session.bytesIn + session.bytesOut),
      Rate: rate === void 0 ? "\u2013" : bitrateText(rate * 8)
    };
    for (const [name, text] of Object.entries(texts)) showText(this.#cells[name], text);
    this.#cells.From.title = session.userAgent ?? "";
    permit(this.#kick, this.#host.mayWrite);
  }
};
function cell(name) {
  const element = make("td", {});
  element.dataset.name = name;
  return element;
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

// web/dashboard/uplot_library.ts
var loadCharts = scriptLibrary("charts", () => {
  return globalThis.uPlot;
});

// web/dashboard/sparkline.ts
var HEIGHT = 44;
var Sparkline = class {
  element = make("div", {
    className: "spark"
  });
  #series;
  #chart;
  constructor(series) {
    this.#series = series;
    this.element.setAttribute("aria-hidden", "true");
    loadCharts().then((library) => this.#draw(library), () => {
    });
  }
  /** Shows what the series has now. */
  update() {
    this.#chart?.setData([
      this.#series.times,
      this.#series.values
    ]);
  }
  #draw(library) {
    const style = getComputedStyle(this.element);
    this.#chart = new library({
      width: this.element.clientWidth || 160,
      height: HEIGHT,
      padding: [
        4,
        0,
        2,
        0
      ],
      cursor: {
        show: false
      },
      legend: {
        show: false
      },
      select: {
        show: false,
        left: 0,
        top: 0,
        width: 0,
        height: 0
      },
      axes: [
        {
          show: false
        },
        {
          show: false
        }
      ],
      scales: {
        y: {
          range: (_, __, most) => [
            0,
            Math.max(most ?? 0, Number.EPSILON)
          ]
        }
      },
      series: [
        {},
        {
          stroke: () => style.color,
          fill: () => style.outlineColor,
          width: 1.5,
          points: {
            show: false
          }
        }
      ]
    }, [
      this.#series.times,
      this.#series.values
    ], this.element);
    new ResizeObserver(() => {
      const width = this.element.clientWidth;
      if (width > 0 && width !== this.#chart?.width) this.#chart?.setSize({
        width,
        height: HEIGHT
      });
    }).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#chart?.redraw());
  }
};

// web/dashboard/stream_words.ts
function tracksText(tracks) {
  return tracks.filter(({ kind }) => kind !== "data").map(trackText).join(" \xB7 ") || "Nothing has come yet";
}
function trackText({ codec, width, height, frameRate, gopSeconds }) {
  const size = width && height ? ` ${width} \xD7 ${height}` : "";
  const rate = frameRate ? `, ${Math.round(frameRate)} fps` : "";
  const keys = gopSeconds ? `, a key frame every ${gopSeconds.toFixed(1)} s` : "";
  return `${codecName(codec)}${size}${rate}${keys}`;
}
function audienceText({ viewers: { total, peak }, seconds, publisher }) {
  const count = total === 1 ? "1 viewer" : `${total} viewers`;
  return [
    peak > total ? `${count}, ${peak} at most` : count,
    `on air for ${duration(seconds * 1e3)}`,
    publisher ? `${publisher.protocol} from ${hostOf(publisher.remote)}` : "no publisher"
  ].join(" \xB7 ");
}
function hostOf(remote) {
  return remote.replace(/:\d+$/, "");
}
function streamPath({ id, vhost, app, name }, more = "") {
  const path = `/streams/${app}/${name}${more}`;
  return id.includes(":") ? `${path}?vhost=${encodeURIComponent(vhost)}` : path;
}

// web/dashboard/stream_view.ts
var TONES = {
  live: "live",
  interrupted: "waiting",
  waiting: "waiting",
  ended: "quiet"
};
var LABELS = {
  live: "Live",
  interrupted: "Interrupted",
  waiting: "Awaited",
  ended: "Ended"
};
var StreamView = class {
  element = make("li", {
    className: "stream"
  });
  #host;
  #badge = make("span", {
    className: "badge"
  });
  #tracks = make("p", {
    className: "note"
  });
  #audience = make("p", {
    className: "note"
  });
  #rate = make("strong", {
    className: "rate"
  });
  #series = new Series();
  #spark = new Sparkline(this.#series);
  #sinks = make("div", {
    className: "sinks"
  });
  #toggles = /* @__PURE__ */ new Map();
  #stop;
  #stream;
  constructor(host, stream) {
    this.#host = host;
    this.#stream = stream;
    const { id } = stream;
    this.#stop = confirmButton("Stop", `Stop ${id}`, () => host.change("DELETE", streamPath(this.#stream), `stop ${id}`));
    const link = make("a", {
      href: `/index.html?stream=${id}`
    }, ...breakable(id));
    this.#sinks.setAttribute("role", "group");
    this.#sinks.setAttribute("aria-label", `What writes ${id}`);
    this.element.append(make("h3", {}, link, this.#badge), this.#tracks, make("div", {
      className: "chart"
    }, this.#rate, this.#spark.element), this.#audience, make("div", {
      className: "actions"
    }, this.#sinks, this.#stop));
  }
  update(stream) {
    this.#stream = stream;
    const bitrate = stream.bitrate["1s"];
    showText(this.#badge, LABELS[stream.state]);
    this.#badge.dataset.tone = TONES[stream.state];
    showText(this.#tracks, tracksText(stream.tracks));
    showText(this.#audience, audienceText(stream));
    showText(this.#rate, bitrateText(bitrate));
    this.#series.add(Date.now() / 1e3, bitrate);
    this.#spark.update();
    for (const name of this.#host.sinks) this.#showSink(name, stream.sinks.find(({ sink }) => sink === name));
    permit(this.#stop, this.#host.mayWrite);
  }
  #showSink(name, run) {
    const toggle = this.#toggles.get(name) ?? this.#addToggle(name);
    toggle.setAttribute("aria-pressed", String(run !== void 0));
    toggle.dataset.state = run?.state ?? "off";
    permit(toggle, this.#host.mayWrite);
    if (this.#host.mayWrite) toggle.title = run?.problem ?? (run ? "Stop writing" : "Write it down");
    else toggle.title = READ_ONLY;
  }
  #addToggle(name) {
    const toggle = make("button", {
      type: "button",
      className: "toggle",
      textContent: name
    });
    toggle.addEventListener("click", () => {
      const isOn = toggle.getAttribute("aria-pressed") === "true";
      const path = streamPath(this.#stream, `/sinks/${name}`);
      this.#host.change(isOn ? "DELETE" : "PUT", path, `${isOn ? "stop" : "start"} ${name} for ${this.#stream.id}`);
    });
    this.#toggles.set(name, toggle);
    this.#sinks.append(toggle);
    return toggle;
  }
};

// web/dashboard/tiles.ts
var KINDS = [
  {
    label: "Received",
    value: ({ received }) => received,
    text: bitrateText
  },
  {
    label: "Sent",
    value: ({ sent }) => sent,
    text: bitrateText
  },
  {
    label: "Viewers",
    value: ({ server }) => server.viewers,
    text: String
  },
  {
    label: "Answer time",
    value: ({ answer }) => answer,
    text: millisecondsText
  },
  {
    label: "Loop lag",
    value: ({ server }) => server.loopLagSeconds,
    text: millisecondsText
  },
  {
    label: "CPU, of one core",
    value: ({ cpu }) => cpu,
    text: (value) => `${(value * 100).toFixed(1)} %`
  },
  {
    label: "Memory",
    value: ({ server }) => server.memory.rss,
    text: bytesText
  },
  {
    label: "Disk, free",
    value: ({ server }) => server.disk.freeBytes ?? null,
    text: bytesText
  }
];
var Tiles = class {
  #tiles;
  constructor(list) {
    this.#tiles = KINDS.map((kind) => {
      const series = new Series();
      const spark = new Sparkline(series);
      const value = make("dd", {
        textContent: "\u2013"
      });
      list.append(make("div", {
        className: "tile"
      }, make("dt", {
        textContent: kind.label
      }), value, spark.element));
      return {
        kind,
        value,
        series,
        spark
      };
    });
  }
  show(figures) {
    const time = Date.now() / 1e3;
    for (const { kind, value, series, spark } of this.#tiles) {
      const newest = kind.value(figures);
      series.add(time, newest);
      showText(value, newest === null ? "\u2013" : kind.text(newest));
      spark.update();
    }
  }
};
function millisecondsText(seconds) {
  return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}

// web/dashboard/token_store.ts
var KEY = "sluice.api.token";
function keptToken() {
  try {
    return localStorage.getItem(KEY) ?? void 0;
  } catch {
    return void 0;
  }
}
function keepToken(token) {
  try {
    if (token === void 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, token);
  } catch {
    return;
  }
}

// web/dashboard/dashboard_page.ts
var POLL_MS = 2e3;
var RECORDINGS_MS = 2e4;
var NEWS_MS = 300;
var SHOWN2 = {
  streams: 50,
  sessions: 100,
  recordings: 8
};
var DashboardPage = class {
  #api = new ApiClient();
  #lock = new LockView((token) => this.#tryToken(token));
  #board = byId("board", HTMLElement);
  #badge = byId("badge", HTMLElement);
  #forget = byId("forget", HTMLButtonElement);
  #tiles = new Tiles(byId("tiles", HTMLElement));
  #log = new EventLog(byId("events", HTMLElement), byId("events-note", HTMLElement));
  #streams;
  #sessions;
  #recordings;
  #figures = new FigureReader();
  #server;
  #untried = false;
  #events;
  #timer;
  #newsTimer;
  #looking;
  constructor() {
    this.#api.token = keptToken();
    const host = this.#host();
    this.#streams = new KeyedList(byId("board-streams", HTMLElement), ({ id }) => id, (item) => new StreamView(host, item));
    this.#sessions = new KeyedList(byId("sessions", HTMLElement), ({ id }) => id, (item) => new SessionView(host, item));
    this.#recordings = new KeyedList(byId("recordings", HTMLElement), ({ path }) => path, recordingView);
    this.#forget.addEventListener("click", () => this.#forgetToken());
    document.addEventListener("visibilitychange", () => this.#look());
    this.#look();
    this.#findRecordings();
    setInterval(() => this.#findRecordings(), RECORDINGS_MS);
  }
  /** What views need of the page; what it says changes with the server. */
  #host() {
    const server = () => this.#server;
    return {
      get sinks() {
        return server()?.sinks ?? [];
      },
      get mayWrite() {
        return server()?.role === "write";
      },
      rateOf: (id) => this.#figures.rateOf(id),
      change: (method, path, what) => void this.#change(method, path, what)
    };
  }
  async #look() {
    clearTimeout(this.#timer);
    this.#looking?.abort();
    if (document.hidden) return;
    const looking = this.#looking = new AbortController();
    try {
      const look = await this.#ask(looking.signal);
      if (!looking.signal.aborted) this.#show(look);
    } catch (error) {
      if (!looking.signal.aborted) this.#showTrouble(error);
    }
    if (!looking.signal.aborted) this.#timer = setTimeout(() => this.#look(), POLL_MS);
  }
  async #ask(signal) {
    const begun = performance.now();
    const server = await this.#api.get("/server", signal);
    const answer = (performance.now() - begun) / 1e3;
    const [streams, sessions] = await Promise.all([
      this.#api.get(`/streams?limit=${SHOWN2.streams}`, signal),
      this.#api.get(`/sessions?limit=${COUNTED_SESSIONS}`, signal)
    ]);
    return {
      server,
      streams,
      sessions,
      answer
    };
  }
  #show(look) {
    const { server, streams, sessions } = look;
    this.#server = server;
    if (this.#untried) keepToken(this.#api.token);
    this.#untried = false;
    this.#lock.hide();
    this.#board.hidden = false;
    this.#forget.hidden = this.#api.token === void 0;
    this.#events ??= new EventFollower(this.#api, (event) => this.#onEvent(event));
    this.#say(server.role === "write" ? [
      "good",
      "Connected"
    ] : [
      "quiet",
      "May only look"
    ]);
    const about = [
      `Sluice ${server.version}`,
      `up for ${duration(server.seconds * 1e3)}`
    ];
    if (server.role === "read") about.push("to change something, another token is needed");
    showText(byId("about", HTMLElement), about.join(" \xB7 "));
    this.#tiles.show(this.#figures.read(look, performance.now() / 1e3));
    this.#showLists(streams, sessions);
  }
  #showLists(streams, sessions) {
    this.#streams.show(streams.items);
    const shown = sessions.items.toSorted((a, b) => partOrder(a) - partOrder(b) || a.seconds - b.seconds).slice(0, SHOWN2.sessions);
    this.#sessions.show(shown);
    showText(byId("streams-note", HTMLElement), moreText(streams.items.length, streams.total, "stream"));
    showText(byId("sessions-note", HTMLElement), moreText(shown.length, sessions.total, "session"));
  }
  #showTrouble(error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return this.#askForToken(error);
    if (error instanceof ApiError) {
      return this.#say([
        "trouble",
        error.status === 429 ? "Too many requests" : "Trouble"
      ]);
    }
    this.#say([
      "trouble",
      "No connection"
    ]);
  }
  /** A token that was refused is not kept; that one is wanted at all is no refusal. */
  #askForToken({ message }) {
    const why = this.#api.token === void 0 ? void 0 : message;
    this.#stopEvents();
    if (this.#untried || this.#api.token !== void 0) keepToken(void 0);
    this.#api.token = void 0;
    this.#untried = false;
    this.#board.hidden = true;
    this.#forget.hidden = true;
    this.#say([
      "waiting",
      "Locked"
    ]);
    this.#lock.ask(why);
  }
  #tryToken(token) {
    this.#api.token = token;
    this.#untried = true;
    this.#look();
  }
  #forgetToken() {
    keepToken(void 0);
    this.#api.token = void 0;
    this.#stopEvents();
    this.#look();
  }
  #stopEvents() {
    this.#events?.[Symbol.dispose]();
    this.#events = void 0;
  }
  #onEvent(event) {
    this.#log.add(event);
    clearTimeout(this.#newsTimer);
    this.#newsTimer = setTimeout(() => {
      this.#findRecordings();
      this.#look();
    }, NEWS_MS);
  }
  async #change(method, path, what) {
    try {
      await this.#api.change(method, path);
      this.#tell(void 0);
    } catch (error) {
      this.#tell(`Could not ${what}: ${error.message}`);
    }
    this.#look();
  }
  #tell(outcome) {
    showText(byId("outcome", HTMLElement), outcome);
  }
  #say([tone, label]) {
    this.#badge.dataset.tone = tone;
    showText(this.#badge, label);
  }
  async #findRecordings() {
    if (document.hidden) return;
    try {
      const response = await fetch(`/api/v1/files?limit=${SHOWN2.recordings}`, {
        cache: "no-store"
      });
      if (response.ok) this.#recordings.show((await response.json()).recordings);
    } catch {
      return;
    }
  }
};
function partOrder({ role }) {
  return role === "publish" ? 0 : role === "play" ? 1 : 2;
}
function moreText(shown, total, what) {
  if (total === 0) return `No ${what} is there.`;
  return total > shown ? `${total - shown} more are not shown.` : void 0;
}
var PLAYERS = {
  mp4: "/mp4.html?file=",
  flv: "/video.html?file=",
  hls: ""
};
function recordingView({ kind, path, stream }) {
  const size = make("small", {});
  const time = make("span", {
    className: "when"
  });
  const link = make("a", {
    href: PLAYERS[kind] + path
  }, make("strong", {
    textContent: stream
  }), time, size);
  const update = (recording) => {
    showText(time, timeText(recording));
    const state = recording.isWritten ? "being recorded" : bytesText(recording.bytes);
    showText(size, `${kind.toUpperCase()} \xB7 ${state}`);
  };
  return {
    element: make("li", {}, link),
    update
  };
}

// web/dashboard.ts
new DashboardPage();
