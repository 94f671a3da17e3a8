import type { Socket } from "node:net";
import type { Timer } from "../../kernel/clock.ts";
import { BadNameError, streamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import { Closed, Refusal, whenAborted } from "../../kernel/reasons.ts";
import { addressOf, type Session } from "../../kernel/session.ts";
import type { Viewers } from "../../kernel/viewer.ts";
import { RtmpProtocolError } from "./errors.ts";
import { RtmpPlayer } from "./player.ts";
import { RtmpPublisher } from "./publisher.ts";
import type { ServerEvent } from "./server_events.ts";
import { ServerMachine } from "./server_machine.ts";
import { rtmpTarget } from "./stream_name.ts";
import { StreamTable } from "./stream_table.ts";

/** How long a peer may take to read what it was told before its connection is cut, in milliseconds. */
const LINGER_MS = 1000;

/** Most answers that may wait for a peer that sends and does not read. */
const MAX_UNREAD_ANSWERS = 1024 * 1024;

/** What the connections of one server share. */
export interface RtmpDeps {
  readonly ctx: PluginContext;
  readonly viewers: Viewers;
  /** How long handshake and connect may take, in milliseconds. */
  readonly connectMs: number;
}

/** Drives one RTMP connection: the only one that waits, between the machine and the kernel. */
export class RtmpConnection {
  readonly #deps: RtmpDeps;
  readonly #socket: Socket;
  readonly #machine = new ServerMachine();
  readonly #publishers = new StreamTable<RtmpPublisher>();
  readonly #players = new StreamTable<RtmpPlayer>();
  #connecting?: Timer;
  #session?: Session;
  #isClosing = false;

  constructor(socket: Socket, deps: RtmpDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#connecting = deps.ctx.clock.setTimeout(() => socket.destroy(), deps.connectMs);
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => this.receive(bytes));
    socket.on("end", destroyThis);
    socket.on("close", () => {
      this.#hasConnected();
      this.#session?.close("left");
    });
  }

  /** Takes bytes from the peer. */
  receive(bytes: Uint8Array): void {
    if (this.#isClosing) return;
    if (this.#session) this.#session.bytesIn += bytes.length;
    this.#guard(() => {
      this.#handle(this.#machine.receive(bytes));
      this.#publishers.forEach(flush);
    });
  }

  #hasConnected(): void {
    this.#connecting?.[Symbol.dispose]();
    this.#connecting = undefined;
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!(error instanceof RtmpProtocolError)) {
        this.#deps.ctx.log.error(`An RTMP connection failed: ${text}`, { error });
      } else if (!this.#session) this.#deps.ctx.log.debug(`refused: ${text}`, { peer: addressOf(this.#socket) });
      this.#session?.close("protocol-error", text);
      this.#close();
    }
    this.#send();
  }

  #handle(events: readonly ServerEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "media":
          this.#publishers.get(event.streamId)?.write(event.message);
          break;
        case "connect":
          void this.#connect(event);
          break;
        case "publish":
          void this.#publish(event.streamId, event.name);
          break;
        case "play":
          void this.#play(event.streamId, event.name, event.reset);
          break;
        case "unpublish":
          this.#publishers.get(event.streamId)?.end();
          this.#publishers.delete(event.streamId);
          break;
        case "stop":
          this.#stopPlayer(event.streamId);
          break;
        case "pause":
          this.#players.get(event.streamId)?.pause(event.isPaused);
          break;
        case "receive":
          this.#players.get(event.streamId)?.receive(event.kind, event.isOn);
      }
    }
  }

  async #connect({ info }: ServerEvent & { type: "connect" }): Promise<void> {
    const { app, params } = rtmpTarget(info.app, info.tcUrl, "");
    try {
      const session = await this.#deps.ctx.open({
        protocol: "rtmp",
        remote: addressOf(this.#socket),
        params,
        url: info.tcUrl.split("?")[0],
        referer: info.pageUrl,
        userAgent: info.flashVer,
      }, { app, vhost: params.get("vhost") ?? undefined });
      this.#open(session);
      this.#guard(() => this.#handle(this.#machine.acceptConnect()));
    } catch (error) {
      const { message, redirect } = asRefusal(error, this.#deps.ctx);
      this.#machine.rejectConnect(message, redirect);
      this.#send();
      this.#close();
    }
  }

  #open(session: Session): void {
    this.#session = session;
    this.#hasConnected();
    session.onClose((closed) => this.#ended(closed));
    if (this.#socket.destroyed) session.close("left");
  }

  async #publish(streamId: number, name: string): Promise<void> {
    const session = this.#session as Session;
    try {
      const publication = await this.#deps.ctx.publish(session, this.#target(name));
      if (this.#machine.streams.get(streamId)?.use !== "publish-asked") return publication[Symbol.dispose]();
      this.#publishers.set(streamId, new RtmpPublisher(publication));
      whenAborted(publication.signal, () => this.#unpublished(streamId, Closed.of(publication.signal)));
      this.#guard(() => {
        this.#handle(this.#machine.acceptPublish(streamId));
        publication.flush();
      });
    } catch (error) {
      const refusal = asRefusal(error, this.#deps.ctx);
      const code = refusal.code === "bad-name" || refusal.code === "busy" ? "BadName" : "Denied";
      this.#machine.rejectPublish(streamId, `NetStream.Publish.${code}`, refusal.message);
      this.#send();
      session.close(refusal.closeReason, refusal.message);
    }
  }

  async #play(streamId: number, name: string, reset: boolean): Promise<void> {
    const { ctx, viewers } = this.#deps;
    try {
      const playback = await ctx.play(this.#session as Session, this.#target(name));
      if (this.#machine.streams.get(streamId)?.use !== "play-asked") return playback[Symbol.dispose]();
      this.#machine.acceptPlay(streamId, reset);
      this.#send();
      const player = new RtmpPlayer({
        streamId,
        socket: this.#socket,
        session: this.#session as Session,
        playback,
        viewers,
        knowsTracks: this.#machine.connectInfo?.knowsTracks ?? false,
        onEnd: (closed) => this.#endPlay(streamId, closed),
      });
      this.#players.set(streamId, player);
      player.start();
    } catch (error) {
      const refusal = asRefusal(error, ctx);
      const isMissing = refusal.code === "not-found" || refusal.code === "bad-name";
      this.#machine.rejectPlay(streamId, `NetStream.Play.${isMissing ? "StreamNotFound" : "Failed"}`, refusal.message);
      this.#send();
    }
  }

  /** Throws a `BadNameError` when the address names no stream. */
  #target(streamName: string) {
    const info = this.#machine.connectInfo;
    const { app, name, params } = rtmpTarget(info?.app ?? "", info?.tcUrl ?? "", streamName);
    const session = this.#session as Session;
    if (params.size > 0) { for (const [key, value] of params) session.params.set(key, value); }
    return streamKey(app, name, params);
  }

  #unpublished(streamId: number, closed: Closed): void {
    if (!this.#publishers.delete(streamId) || this.#session?.closed) return;
    this.#machine.rejectPublish(streamId, "NetStream.Unpublish.Success", closed.message);
    this.#send();
    this.#session?.close(closed.reason, closed.message);
  }

  #stopPlayer(streamId: number): void {
    this.#players.get(streamId)?.[Symbol.dispose]();
    this.#players.delete(streamId);
  }

  #endPlay(streamId: number, closed: Closed): void {
    this.#stopPlayer(streamId);
    this.#machine.endPlay(streamId, closed.message);
    this.#send();
  }

  /** The session is over: tells the peer why, as far as RTMP can, and closes. */
  #ended(closed: Closed): void {
    for (const [streamId, publisher] of this.#publishers) {
      this.#publishers.delete(streamId);
      publisher[Symbol.dispose]();
      this.#machine.rejectPublish(streamId, "NetStream.Publish.Denied", closed.message);
    }
    for (const [streamId] of this.#players) this.#endPlay(streamId, closed);
    this.#send();
    this.#close();
  }

  #send(): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > MAX_UNREAD_ANSWERS && this.#players.size === 0) {
      return void this.#socket.destroy();
    }
    for (let bytes = this.#machine.take(); bytes; bytes = this.#machine.take()) this.#socket.write(bytes);
  }

  /** Lets the peer read its last message, but not for ever. */
  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#hasConnected();
    this.#socket.end();
    const timer = this.#deps.ctx.clock.setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once("close", () => timer[Symbol.dispose]());
  }
}

function destroyThis(this: Socket): void {
  this.destroy();
}

function flush(publisher: RtmpPublisher): void {
  publisher.flush();
}

function asRefusal(error: unknown, ctx: PluginContext): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BadNameError) return new Refusal("bad-name", error.message);
  ctx.log.error(`An RTMP request failed: ${error instanceof Error ? error.message : error}`, { error });
  return new Refusal("error", "The server failed to answer this request");
}
