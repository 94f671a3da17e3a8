import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import type { Decided, EndFigures, Events } from "../../kernel/plugin/hooks.ts";
import { maskText } from "../../kernel/log/mask.ts";
import { ipOfRemote } from "../../kernel/front/ip_address.ts";
import type { CloseReason } from "../../kernel/reasons.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";

/** Ends that are nobody's fault. */
const REGULAR: ReadonlySet<CloseReason> = new Set(["left", "stream-ended", "shutdown", "replaced", "kicked"]);

/**
 * The spans of sessions, from the question whether they may connect to their end: one for the session, below it one for each
 * decision, and one for each stream that it publishes or plays.
 */
export class SessionTraces {
  readonly #tracer: Tracer;
  readonly #sessions = new WeakMap<Session, Span>();
  /** Spans of what is being published, by stream. */
  readonly #publishing = new Map<string, Span>();
  /** Spans of what is being played, by session and stream: a session may play one more than once, the oldest stands first. */
  readonly #playing = new Map<string, Span[]>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Spans that have not ended, those of sessions apart. */
  get size(): number {
    return [...this.#playing.values()].reduce((sum, spans) => sum + spans.length, this.#publishing.size);
  }

  /** A decision has come out; one that refuses a connection ends the session's span, for there will be no session. */
  decided({ name, session, stream, ms, refusal }: Decided): void {
    const startTime = Date.now() - ms;
    const root = this.#rootOf(session, startTime);
    const attributes = { "sluice.decision": refusal ? "no" : "yes", ...(stream && { "sluice.stream": stream }) };
    const span = this.#below(root, `decide ${name}`, attributes, startTime);
    if (refusal) span.setStatus({ code: SpanStatusCode.ERROR, message: maskText(refusal.message) });
    span.end();
    if (name !== "connect" || !refusal) return;
    root.setStatus({ code: SpanStatusCode.ERROR, message: maskText(refusal.message) });
    root.end();
    this.#sessions.delete(session);
  }

  /** A session has ended. */
  ended({ session, ...end }: Events["session:end"]): void {
    const root = this.#sessions.get(session);
    this.#sessions.delete(session);
    if (root) finish(root, end);
  }

  /** A stream is published, anew or again. */
  publishes(session: Session, { id }: Stream): void {
    this.published(id, "replaced");
    this.#publishing.set(id, this.#below(this.#rootOf(session), "publish", { "sluice.stream": id }));
  }

  /** Something has happened to a stream that its publisher's span is to show. */
  noted({ id }: Stream, what: string, attributes: Attributes): void {
    this.#publishing.get(id)?.addEvent(what, attributes);
  }

  /** A stream is not published any more, for now or for good. */
  published(stream: string, reason: CloseReason): void {
    const span = this.#publishing.get(stream);
    this.#publishing.delete(stream);
    if (span) finish(span, { reason });
  }

  /** A session plays a stream. */
  plays(session: Session, { id }: Stream): void {
    const span = this.#below(this.#rootOf(session), "play", { "sluice.stream": id });
    const name = `${session.id} ${id}`;
    const spans = this.#playing.get(name);
    if (spans) spans.push(span);
    else this.#playing.set(name, [span]);
  }

  /** A session has stopped playing. */
  played({ session, stream, skips, ...end }: Events["play:end"]): void {
    const name = `${session.id} ${stream.id}`;
    const spans = this.#playing.get(name);
    const span = spans?.shift();
    if (spans?.length === 0) this.#playing.delete(name);
    if (span) finish(span.setAttribute("sluice.skips", skips), end);
  }

  #rootOf(session: Session, startTime?: number): Span {
    let root = this.#sessions.get(session);
    if (root) return root;
    const attributes = attributesOf(session);
    root = this.#tracer.startSpan("session", { kind: SpanKind.SERVER, attributes, startTime, root: true });
    this.#sessions.set(session, root);
    return root;
  }

  #below(root: Span, name: string, attributes: Attributes, startTime?: number): Span {
    return this.#tracer.startSpan(name, { attributes, startTime }, trace.setSpan(context.active(), root));
  }
}

function attributesOf({ id, protocol, remote, info }: Session): Attributes {
  return {
    "sluice.session": id,
    "network.protocol.name": protocol,
    "client.address": ipOfRemote(remote) ?? remote,
    "user_agent.original": info.userAgent,
    "url.full": info.url === undefined ? undefined : maskText(info.url),
  };
}

function finish(span: Span, { reason, detail, bytes }: Partial<EndFigures> & Pick<EndFigures, "reason">): void {
  span.setAttributes({ "sluice.reason": reason, ...(bytes !== undefined && { "sluice.bytes": bytes }) });
  if (!REGULAR.has(reason)) span.setStatus({ code: SpanStatusCode.ERROR, message: maskText(detail ?? reason) });
  span.end();
}
