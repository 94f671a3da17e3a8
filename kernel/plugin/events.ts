import type { MediaPacket } from "../../media/packet.ts";
import type { CloseReason } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";
import type { Stream } from "../streams/stream.ts";

/** How much a session, a publication or a playback moved, told at its end. */
export interface EndFigures {
  readonly reason: CloseReason;
  readonly detail: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** A file or segment that a sink wrote. */
export interface Artifact {
  readonly stream: string;
  /** The plugin that wrote it. */
  readonly by: string;
  /** Below the data directory. */
  readonly path: string;
  readonly bytes?: number;
  readonly seconds?: number;
}

/** A complete recording that an object store has confirmed. */
export interface StoredArtifact extends Artifact {
  /** What it is called in the store. */
  readonly key: string;
  /** Where it is there, for those who may read it: nothing is signed. */
  readonly url: string;
}

/** A sink that could not go on with a stream. */
export interface ArtifactFailure {
  readonly stream: string;
  /** The plugin that failed. */
  readonly by: string;
  /** What happened, in words. */
  readonly problem: string;
  /** When it tries again, in seconds from now. */
  readonly retrySeconds: number;
}

/** What becomes of the files of sinks. */
export interface ArtifactEvents {
  "artifact:open": Artifact;
  "artifact:segment": Artifact;
  "artifact:complete": Artifact;
  /** It was removed, because it had grown too old or the room was needed. */
  "artifact:remove": Artifact;
  /** An object store has confirmed all of it. */
  "artifact:store": StoredArtifact;
  "artifact:fail": ArtifactFailure;
}

/** Told after something has happened. Every `:start` has exactly one `:end`. */
export interface Events extends ArtifactEvents {
  "session:start": { readonly session: Session };
  "session:end": { readonly session: Session } & EndFigures;
  "stream:start": { readonly stream: Stream; readonly session: Session };
  /** A track turned up: this is its first configuration or frame. */
  "stream:track": { readonly stream: Stream; readonly packet: MediaPacket };
  "stream:config": { readonly stream: Stream; readonly packet: MediaPacket };
  "stream:metadata": { readonly stream: Stream; readonly packet: MediaPacket };
  "stream:interrupt": { readonly stream: Stream; readonly reason: CloseReason };
  "stream:resume": { readonly stream: Stream; readonly session: Session };
  "stream:end": { readonly stream: Stream } & EndFigures;
  "play:start": { readonly stream: Stream; readonly session: Session };
  "play:end": { readonly stream: Stream; readonly session: Session; readonly skips: number } & EndFigures;
  "config:reload": { readonly changed: readonly string[] };
  "server:start": { readonly addresses: readonly { readonly name: string; readonly url: string }[] };
  /** The server lets nobody in from now on, or everybody again. */
  "server:drain": { readonly isDraining: boolean };
  "server:stop": Record<never, never>;
}
