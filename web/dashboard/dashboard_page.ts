/// <reference lib="dom" />
import { byId, make, showText } from "../shared/dom.ts";
import { duration } from "../shared/facts.ts";
import type { Recording } from "../recordings/recording.ts";
import { timeText } from "../recordings/recording_list_view.ts";
import { bytesText } from "../shared/units.ts";
import { ApiClient, ApiError } from "./api_client.ts";
import { EventFollower } from "./event_follower.ts";
import { EventLog } from "./event_log.ts";
import { COUNTED_SESSIONS, FigureReader, type Look } from "./figures.ts";
import { KeyedList } from "./keyed_list.ts";
import { LockView } from "./lock_view.ts";
import { SessionView } from "./session_view.ts";
import type { Listed, ServerEvent, ServerState, SessionState, StreamState } from "./shapes.ts";
import { StreamView } from "./stream_view.ts";
import { Tiles } from "./tiles.ts";
import { keepToken, keptToken } from "./token_store.ts";

/** How often the server is asked, in milliseconds. */
const POLL_MS = 2000;

/** How often recordings are looked for that no event told of, in milliseconds. */
const RECORDINGS_MS = 20_000;

/** When nothing more has been told for so long, the page looks at what has changed, in milliseconds. */
const NEWS_MS = 300;

/** As many streams, sessions and recordings are shown. */
const SHOWN = { streams: 50, sessions: 100, recordings: 8 };

/** The dashboard: looks at the server again and again, follows its events, and passes on what is to be changed. */
export class DashboardPage {
  readonly #api = new ApiClient();
  readonly #lock = new LockView((token) => this.#tryToken(token));
  readonly #board = byId("board", HTMLElement);
  readonly #badge = byId("badge", HTMLElement);
  readonly #forget = byId("forget", HTMLButtonElement);
  readonly #tiles = new Tiles(byId("tiles", HTMLElement));
  readonly #log = new EventLog(byId("events", HTMLElement), byId("events-note", HTMLElement));
  readonly #streams: KeyedList<StreamState>;
  readonly #sessions: KeyedList<SessionState>;
  readonly #recordings: KeyedList<Recording>;
  readonly #figures = new FigureReader();
  #server?: ServerState;
  #untried = false;
  #events?: EventFollower;
  #timer?: ReturnType<typeof setTimeout>;
  #newsTimer?: ReturnType<typeof setTimeout>;
  #looking?: AbortController;

  constructor() {
    this.#api.token = keptToken();
    const host = this.#host();
    this.#streams = new KeyedList(
      byId("board-streams", HTMLElement),
      ({ id }) => id,
      (item) => new StreamView(host, item),
    );
    this.#sessions = new KeyedList(
      byId("sessions", HTMLElement),
      ({ id }) => id,
      (item) => new SessionView(host, item),
    );
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
      rateOf: (id: string) => this.#figures.rateOf(id),
      change: (method: "PUT" | "DELETE", path: string, what: string) => void this.#change(method, path, what),
    };
  }

  async #look(): Promise<void> {
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

  async #ask(signal: AbortSignal): Promise<Look> {
    const begun = performance.now();
    const server = await this.#api.get<ServerState>("/server", signal);
    const answer = (performance.now() - begun) / 1000;
    const [streams, sessions] = await Promise.all([
      this.#api.get<Listed<StreamState>>(`/streams?limit=${SHOWN.streams}`, signal),
      this.#api.get<Listed<SessionState>>(`/sessions?limit=${COUNTED_SESSIONS}`, signal),
    ]);
    return { server, streams, sessions, answer };
  }

  #show(look: Look): void {
    const { server, streams, sessions } = look;
    this.#server = server;
    if (this.#untried) keepToken(this.#api.token);
    this.#untried = false;
    this.#lock.hide();
    this.#board.hidden = false;
    this.#forget.hidden = this.#api.token === undefined;
    this.#events ??= new EventFollower(this.#api, (event) => this.#onEvent(event));
    this.#say(server.role === "write" ? ["good", "Connected"] : ["quiet", "May only look"]);
    const about = [`Sluice ${server.version}`, `up for ${duration(server.seconds * 1000)}`];
    if (server.role === "read") about.push("to change something, another token is needed");
    showText(byId("about", HTMLElement), about.join(" · "));
    this.#tiles.show(this.#figures.read(look, performance.now() / 1000));
    this.#showLists(streams, sessions);
  }

  #showLists(streams: Look["streams"], sessions: Look["sessions"]): void {
    this.#streams.show(streams.items);
    const shown = sessions.items.toSorted((a, b) => partOrder(a) - partOrder(b) || a.seconds - b.seconds).slice(
      0,
      SHOWN.sessions,
    );
    this.#sessions.show(shown);
    showText(byId("streams-note", HTMLElement), moreText(streams.items.length, streams.total, "stream"));
    showText(byId("sessions-note", HTMLElement), moreText(shown.length, sessions.total, "session"));
  }

  #showTrouble(error: unknown): void {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return this.#askForToken(error);
    if (error instanceof ApiError) {
      return this.#say(["trouble", error.status === 429 ? "Too many requests" : "Trouble"]);
    }
    this.#say(["trouble", "No connection"]);
  }

  /** A token that was refused is not kept; that one is wanted at all is no refusal. */
  #askForToken({ message }: ApiError): void {
    const why = this.#api.token === undefined ? undefined : message;
    this.#stopEvents();
    if (this.#untried || this.#api.token !== undefined) keepToken(undefined);
    this.#api.token = undefined;
    this.#untried = false;
    this.#board.hidden = true;
    this.#forget.hidden = true;
    this.#say(["waiting", "Locked"]);
    this.#lock.ask(why);
  }

  #tryToken(token: string): void {
    this.#api.token = token;
    this.#untried = true;
    this.#look();
  }

  #forgetToken(): void {
    keepToken(undefined);
    this.#api.token = undefined;
    this.#stopEvents();
    this.#look();
  }

  #stopEvents(): void {
    this.#events?.[Symbol.dispose]();
    this.#events = undefined;
  }

  #onEvent(event: ServerEvent): void {
    this.#log.add(event);
    clearTimeout(this.#newsTimer);
    this.#newsTimer = setTimeout(() => {
      this.#findRecordings();
      this.#look();
    }, NEWS_MS);
  }

  async #change(method: "PUT" | "DELETE", path: string, what: string): Promise<void> {
    try {
      await this.#api.change(method, path);
      this.#tell(undefined);
    } catch (error) {
      this.#tell(`Could not ${what}: ${(error as Error).message}`);
    }
    this.#look();
  }

  #tell(outcome: string | undefined): void {
    showText(byId("outcome", HTMLElement), outcome);
  }

  #say([tone, label]: readonly [tone: string, label: string]): void {
    this.#badge.dataset.tone = tone;
    showText(this.#badge, label);
  }

  async #findRecordings(): Promise<void> {
    if (document.hidden) return;
    try {
      const response = await fetch(`/api/v1/files?limit=${SHOWN.recordings}`, { cache: "no-store" });
      if (response.ok) this.#recordings.show((await response.json()).recordings);
    } catch {
      return;
    }
  }
}

/** Publishers come first. */
function partOrder({ role }: SessionState): number {
  return role === "publish" ? 0 : role === "play" ? 1 : 2;
}

function moreText(shown: number, total: number, what: string): string | undefined {
  if (total === 0) return `No ${what} is there.`;
  return total > shown ? `${total - shown} more are not shown.` : undefined;
}

const PLAYERS = { mp4: "/mp4.html?file=", flv: "/video.html?file=", hls: "" } as const;

function recordingView({ kind, path, stream }: Recording) {
  const size = make("small", {});
  const time = make("span", { className: "when" });
  const link = make("a", { href: PLAYERS[kind] + path }, make("strong", { textContent: stream }), time, size);
  const update = (recording: Recording) => {
    showText(time, timeText(recording));
    const state = recording.isWritten ? "being recorded" : bytesText(recording.bytes);
    showText(size, `${kind.toUpperCase()} · ${state}`);
  };
  return { element: make("li", {}, link), update };
}
