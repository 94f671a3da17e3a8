import { every, type Timer } from "../../../kernel/clock.ts";
import { streamId, type StreamKey } from "../../../kernel/names.ts";
import type { Playback } from "../../../kernel/streams/playback.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { Refusal } from "../../../kernel/reasons.ts";
import type { Session, SessionInfo } from "../../../kernel/sessions/session.ts";
import type { Stream } from "../../../kernel/streams/stream.ts";
import { issueViewerPass, VIEWER_PASS_NAME } from "../../shared/viewer_pass.ts";

/** So many viewers with one address are told apart, as a proxy may have behind it; each that a hostile peer invents is memory. */
export const MAX_VIEWERS_PER_ADDRESS = 10_000;

/** How often viewers who have left are looked for, in milliseconds. */
const SWEEP_MS = 1000;

/** Who asks for a playlist. */
export interface ViewerRequest {
  readonly info: SessionInfo;
  readonly key: StreamKey;
  /** The query as it came, without what only this one request asks for. */
  readonly query: string;
}

/** One who watches: requests of one program at one address, with one query and the same credentials. */
interface Viewer {
  readonly id: string;
  readonly address: string;
  /** The same without the query. */
  readonly client: string;
  lingerMs: number;
  seenAt: number;
  session?: Session;
  playback?: Playback;
  admission?: Promise<void>;
  isTurnedAway: boolean;
}

/**
 * Those who watch HLS. Requests have no connection in common, so that a viewer is told by address, program and query, begins
 * with the first playlist and has left when no request came for some time. Each passes the decisions that a player of any
 * other protocol passes, once.
 */
export class HlsViewers {
  readonly #ctx: PluginContext;
  readonly #viewers = new Map<string, Viewer>();
  readonly #clients = new Map<string, Viewer>();
  readonly #counts = new Map<string, number>();
  readonly #limit: number;
  #sweeping?: Timer;

  /** `limit` is how many viewers with one address are told apart. */
  constructor(ctx: PluginContext, limit: number = MAX_VIEWERS_PER_ADDRESS) {
    this.#ctx = ctx;
    this.#limit = limit;
    ctx.on("stream:end", ({ stream }) => this.#end(stream));
    ctx.defer(() => this.#sweeping?.[Symbol.dispose]());
  }

  /**
   * Lets a viewer have a playlist; one that is new, or whose stream has begun anew, is asked about first.
   *
   * @param lingerMs how long after its last request it counts as watching
   * @param isOver whether only the rest of a stream that has ended is wanted: who watched it may have that, and who would be
   * let in if it were still there
   * @throws {Refusal} in words for the viewer
   */
  async admit(request: ViewerRequest, lingerMs: number, isOver: boolean): Promise<void> {
    const { client, address } = clientOf(request);
    const id = `${client}\n${request.query}\n${request.info.authorization ?? ""}`;
    const viewer = this.#viewers.get(id) ??
      this.#add({ id, client, address, lingerMs, seenAt: 0, isTurnedAway: false });
    viewer.seenAt = this.#ctx.clock.now();
    viewer.lingerMs = lingerMs;
    if (viewer.isTurnedAway) throw new Refusal("denied", "This viewer was sent away");
    if (isOver && !viewer.admission && viewer.playback) return;
    const isThere = viewer.session && !viewer.session.closed;
    if (!isThere) viewer.admission ??= this.#ask(viewer, request).finally(() => viewer.admission = undefined);
    try {
      await viewer.admission;
    } catch (error) {
      if (!isOver || !(error instanceof Refusal) || error.code !== "not-live") throw error;
    }
  }

  /** Whether somebody at this address, with this program, has been let in; it counts as a sign of life. */
  knows(request: ViewerRequest): boolean {
    return this.#known(request) !== undefined;
  }

  /** Counts what was sent to a viewer, if it is one. */
  count(request: ViewerRequest, bytes: number): void {
    const viewer = this.#known(request);
    if (!viewer) return;
    if (viewer.session) viewer.session.bytesOut += bytes;
    if (viewer.playback) viewer.playback.bytes += bytes;
  }

  #known(request: ViewerRequest): Viewer | undefined {
    const viewer = this.#clients.get(clientOf(request).client);
    if (!viewer?.playback || viewer.isTurnedAway) return undefined;
    viewer.seenAt = this.#ctx.clock.now();
    return viewer;
  }

  async #ask(viewer: Viewer, { info, key }: ViewerRequest): Promise<void> {
    const { app, vhost } = key;
    if (viewer.playback) this.#vouch(info, key);
    try {
      const session = viewer.session = await this.#ctx.open(info, { app, vhost });
      session.onClose(({ reason }) => {
        if (reason === "kicked" || reason === "denied") viewer.isTurnedAway = true;
      });
      viewer.playback = await this.#ctx.play(session, key);
    } catch (error) {
      viewer.session?.close(error instanceof Refusal ? "left" : "error");
      if (!viewer.playback) this.#remove(viewer);
      throw error;
    }
  }

  /** Who watched until a moment ago is not asked for what it was let in with, which may have expired. */
  #vouch({ params }: SessionInfo, { vhost, app, name }: StreamKey): void {
    params?.set(VIEWER_PASS_NAME, issueViewerPass(this.#ctx, streamId(vhost, app, name)));
  }

  #add(viewer: Viewer): Viewer {
    const count = this.#counts.get(viewer.address) ?? 0;
    if (count >= this.#limit) throw new Refusal("limit", `There are ${count} viewers at this address already`);
    this.#counts.set(viewer.address, count + 1);
    this.#viewers.set(viewer.id, viewer);
    this.#clients.set(viewer.client, viewer);
    this.#sweeping ??= every(this.#ctx.clock, SWEEP_MS, () => this.#sweep());
    return viewer;
  }

  #remove(viewer: Viewer): void {
    if (this.#viewers.get(viewer.id) !== viewer) return;
    this.#viewers.delete(viewer.id);
    if (this.#clients.get(viewer.client) === viewer) this.#clients.delete(viewer.client);
    const count = this.#counts.get(viewer.address)! - 1;
    if (count > 0) this.#counts.set(viewer.address, count);
    else this.#counts.delete(viewer.address);
  }

  /** Its viewers may see the rest of it; if it is published again, they are asked about again. */
  #end(stream: Stream): void {
    for (const { playback, session } of this.#viewers.values()) {
      if (playback?.stream === stream) session?.close("stream-ended");
    }
  }

  #sweep(): void {
    const now = this.#ctx.clock.now();
    for (const viewer of this.#viewers.values()) {
      if (viewer.admission || now - viewer.seenAt < viewer.lingerMs) continue;
      this.#remove(viewer);
      viewer.session?.close("left");
    }
    if (this.#viewers.size > 0) return;
    this.#sweeping?.[Symbol.dispose]();
    this.#sweeping = undefined;
  }
}

/** Ports change from request to request. */
function clientOf({ info, key }: ViewerRequest): { client: string; address: string } {
  const address = info.remote.slice(0, info.remote.lastIndexOf(":"));
  return { address, client: `${key.vhost}\n${key.app}/${key.name}\n${address}\n${info.userAgent ?? ""}` };
}
