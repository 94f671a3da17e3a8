import type { Artifact, Verdict } from "../../kernel/plugin/hooks.ts";
import type { StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { nodeSessions } from "../shared/node_sessions.ts";
import { Decider, type DeciderOptions } from "./decider.ts";
import type { Posted } from "./post.ts";
import { Recent } from "./recent.ts";
import { connectionBody, recordingBody, segmentBody, type SrsServer, streamBody } from "./srs_bodies.ts";

/** The addresses of each of SRS's hooks, called in turn. */
export interface SrsUrls {
  readonly onConnect: readonly string[];
  readonly onClose: readonly string[];
  readonly onPublish: readonly string[];
  readonly onUnpublish: readonly string[];
  readonly onPlay: readonly string[];
  readonly onStop: readonly string[];
  readonly onDvr: readonly string[];
  readonly onHls: readonly string[];
}

const NO_URLS: SrsUrls = {
  onConnect: [],
  onClose: [],
  onPublish: [],
  onUnpublish: [],
  onPlay: [],
  onStop: [],
  onDvr: [],
  onHls: [],
};

/** Hands a message to a receiver; messages of one lane stay in order. */
export type Send = (url: string, lane: string, body: string) => void;

/** The peer of sessions in which the server itself fetches streams: nobody was asked about these. */
const OWN_SOURCE = "local";

/** Streams of which is remembered who published them last, and how many segments there were. */
const MAX_RECENT = 10_000;

interface Publisher {
  readonly session: Session;
  readonly key: StreamKey;
}

/**
 * Calls backends that were written for SRS: those that decide before the answer is given, those that inform through the outbox.
 *
 * What a publisher's session began with `on_publish` ends with `on_unpublish`, also when another one takes over.
 */
export class SrsHooks {
  readonly #ctx: PluginContext;
  #urls: SrsUrls = NO_URLS;
  readonly #send: Send;
  #decider?: Decider;
  readonly #server: SrsServer;
  readonly #publishers = new Map<string, Publisher>();
  /** Who published a stream last: its files are completed when nobody publishes it any more. */
  readonly #lastPublishers = new Recent<Publisher>(MAX_RECENT);
  readonly #places = new WeakMap<Session, { readonly app: string; readonly vhost: string }>();
  readonly #segments = new Recent<number>(MAX_RECENT);
  /** Nobody is asked about these, nor told that they have left. */
  readonly #nodes: WeakSet<Session>;

  constructor(ctx: PluginContext, send: Send) {
    this.#ctx = ctx;
    this.#nodes = nodeSessions(ctx);
    this.#send = send;
    this.#server = { serverId: `vid-${ctx.feed.run.slice(0, 7)}`, dataDir: ctx.dataDir };
    this.#decide();
    this.#inform();
  }

  /** Calls others from now on; what was answered is forgotten. */
  configure(urls: SrsUrls, options: Omit<DeciderOptions, "understand">): void {
    this.#urls = urls;
    this.#decider = new Decider({ ...options, understand });
  }

  #decide(): void {
    this.#ctx.decide("connect", ({ session, app = "", vhost }, signal) => {
      this.#places.set(session, { app, vhost });
      return this.#ask("onConnect", () => connectionBody("on_connect", session, app, vhost, this.#server), signal);
    });
    this.#ctx.decide("publish", ({ session, key }, signal) => {
      if (this.#nodes.has(session)) return;
      return this.#ask("onPublish", () => streamBody("on_publish", session, key, this.#server), signal);
    });
    this.#ctx.decide("play", ({ session, key }, signal) => {
      if (this.#nodes.has(session)) return;
      return this.#ask("onPlay", () => streamBody("on_play", session, key, this.#server), signal);
    });
  }

  #inform(): void {
    this.#ctx.on("stream:start", ({ stream, session }) => this.#begins(stream, session));
    this.#ctx.on("stream:resume", ({ stream, session }) => this.#begins(stream, session));
    this.#ctx.on("stream:interrupt", ({ stream }) => this.#ends(stream));
    this.#ctx.on("stream:end", ({ stream }) => this.#ends(stream));
    this.#ctx.on("play:end", ({ stream, session }) => {
      if (this.#nodes.has(session)) return;
      this.#tell(this.#urls.onStop, stream.id, streamBody("on_stop", session, stream.key, this.#server));
    });
    this.#ctx.on("session:end", ({ session }) => {
      const { app, vhost } = this.#places.get(session) ?? { app: "", vhost: "" };
      this.#tell(this.#urls.onClose, session.id, connectionBody("on_close", session, app, vhost, this.#server));
    });
    this.#ctx.on("artifact:complete", (file) =>
      this.#written(file, (publisher) => {
        this.#tell(this.#urls.onDvr, file.stream, recordingBody(publisher.session, publisher.key, file, this.#server));
      }));
    this.#ctx.on("artifact:segment", (file) => {
      if (file.by === "hls") this.#written(file, (publisher) => this.#segment(this.#urls.onHls, file, publisher));
    });
  }

  #begins(stream: Stream, session: Session): void {
    this.#ends(stream);
    const publisher = { session, key: stream.key };
    this.#lastPublishers.set(stream.id, publisher);
    if (!this.#nodes.has(session) && session.remote !== OWN_SOURCE) this.#publishers.set(stream.id, publisher);
  }

  #ends({ id }: Stream): void {
    const publisher = this.#publishers.get(id);
    if (!publisher) return;
    this.#publishers.delete(id);
    this.#tell(this.#urls.onUnpublish, id, streamBody("on_unpublish", publisher.session, publisher.key, this.#server));
  }

  #segment(urls: readonly string[], file: Artifact, { session, key }: Publisher): void {
    const sequence = this.#segments.get(file.stream) ?? 0;
    this.#segments.set(file.stream, sequence + 1);
    this.#tell(urls, file.stream, segmentBody(session, key, file, sequence, this.#server));
  }

  #written(file: Artifact, tell: (publisher: Publisher) => void): void {
    const publisher = this.#lastPublishers.get(file.stream);
    if (publisher) tell(publisher);
  }

  #tell(urls: readonly string[], lane: string, body: object): void {
    for (const url of urls) this.#send(url, lane, JSON.stringify(body));
  }

  /** Questions are the same when all but the session is. */
  #ask(hook: keyof SrsUrls, bodyOf: () => object, signal: AbortSignal): Promise<Verdict> | void {
    const urls = this.#urls[hook];
    if (urls.length === 0) return;
    const body = bodyOf();
    const topic = JSON.stringify({ ...body, client_id: undefined });
    return this.#decider?.decide(urls, topic, JSON.stringify(body), signal);
  }
}

/** SRS wants status 200 and the number 0, alone or as `code`. */
function understand({ status, text }: Posted): Verdict {
  if (status !== 200) throw new Error(`its answer has the status ${status}`);
  if (text.trim() === "0" || codeOf(text) === 0) return undefined;
  return { deny: "The backend does not allow it" };
}

function codeOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "code" in value ? value.code : undefined;
  } catch {
    return undefined;
  }
}
