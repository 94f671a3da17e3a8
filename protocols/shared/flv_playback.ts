import { type FlvFlags, flvHeader } from "../../media/flv/header.ts";
import type { StreamKey } from "../../kernel/names.ts";
import type { Playback } from "../../kernel/streams/playback.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { flvFlags, type FlvSelection, flvSelection } from "./flv_selection.ts";

/** A playback about to begin: the player is allowed, the stream is there and its tracks are known. */
export interface FlvPlayback {
  readonly playback: Playback;
  readonly selection: FlvSelection;
  readonly flags: FlvFlags;
  /** The first bytes of the FLV stream. */
  readonly header: Uint8Array;
}

/**
 * Asks for a stream and waits until it is there and its tracks are known.
 *
 * @throws {Refusal} in words for the player
 */
export async function beginFlvPlayback(ctx: PluginContext, session: Session, key: StreamKey): Promise<FlvPlayback> {
  const selection = flvSelection(session.params);
  const playback = await ctx.play(session, key);
  await playback.stream.probed;
  const flags = flvFlags(playback.stream, selection);
  return { playback, selection, flags, header: flvHeader(flags) };
}

/**
 * Ends the sessions of players whose FLV header promised no sound, or no picture, once there is some: players take the
 * header at its word and would stay silent or dark, so they have to begin again.
 */
export class LateTracks {
  readonly #players = new Map<Stream, Map<Session, FlvPlayback>>();

  constructor(ctx: PluginContext) {
    ctx.on("stream:track", ({ stream }) => this.#check(stream));
  }

  /** Watches a player until the result is disposed; what turned up since its header was made counts too. */
  watch(session: Session, begun: FlvPlayback): Disposable {
    const { stream } = begun.playback;
    const players = this.#players.get(stream) ?? new Map<Session, FlvPlayback>();
    this.#players.set(stream, players.set(session, begun));
    endIfLate(session, begun);
    return {
      [Symbol.dispose]: () => {
        players.delete(session);
        if (players.size === 0) this.#players.delete(stream);
      },
    };
  }

  #check(stream: Stream): void {
    for (const [session, begun] of this.#players.get(stream) ?? []) endIfLate(session, begun);
  }
}

function endIfLate(session: Session, { playback, flags, selection }: FlvPlayback): void {
  const now = flvFlags(playback.stream, selection);
  if (now.hasAudio && !flags.hasAudio) endFor("sound", session);
  else if (now.hasVideo && !flags.hasVideo) endFor("pictures", session);
}

function endFor(what: string, session: Session): void {
  session.close("stream-changed", `the stream has ${what} now: connect again`);
}
