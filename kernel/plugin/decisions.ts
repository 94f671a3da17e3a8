import type { ManageRequest } from "./guard.ts";
import type { StreamKey } from "../names.ts";
import type { Publication } from "../streams/publication.ts";
import type { Refusal } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";

/** A decision's answer "no", with what the peer is told. */
export interface Denial {
  readonly deny: string;
  /** Where the peer should go instead. */
  readonly redirect?: string;
  /**
   * How the peer may say who it is, as HTTP's `WWW-Authenticate` has it: what it presented does not count, and the
   * answer is 401 rather than 403 (RFC 9110, section 15.5.2).
   */
  readonly challenge?: string;
}

/** A decision's answer "yes", with what the kernel should know of it; saying nothing means yes too. */
export interface Grant {
  /** Who the peer proved to be: a publisher with the same credential may take over from itself. */
  readonly credential?: string;
}

/** What a handler of `connect`, `publish` and `play` answers. */
export type Verdict = Denial | Grant | void;

/** Where a stream comes from that is not published here: it writes into the local stream until its signal aborts. */
export interface StreamSource {
  /** Named in logs as the publisher's protocol, for instance `edge`. */
  readonly name: string;
  /** True for one that makes room for whoever publishes here: what is published counts more than what is fetched. */
  readonly givesWay?: boolean;
  /** Why the stream could not be had so far: said to players who wait no longer. */
  readonly failure?: Refusal;
  /**
   * Runs until the upstream ends or `signal` aborts. `begin` makes the stream live, and is to be called when the upstream has
   * answered: until then players wait. Throws, in words for the players, when there is no such stream upstream; a
   * {@linkcode Refusal} says what else is the matter.
   */
  run(begin: () => Publication, signal: AbortSignal): Promise<void>;
}

/** A session that asks for a stream. */
export interface StreamRequest {
  readonly session: Session;
  readonly key: StreamKey;
  /** The stream's id, `app/name`, with its vhost in front where it has one. */
  readonly stream: string;
}

/** A session that waits for a stream which is not here. */
export interface ResolveRequest extends StreamRequest {
  /** For how many seconds it does, at most. */
  readonly waitSeconds: number;
}

/** Asked before something happens, in the plugins' order; a throw or a timeout refuses. */
export interface Decisions {
  /** May this peer open a session at all? */
  connect: { request: { readonly session: Session; readonly app?: string; readonly vhost: string }; answer: Verdict };
  /** May this session publish this stream? */
  publish: { request: StreamRequest; answer: Verdict };
  /** May this session play this stream? */
  play: { request: StreamRequest; answer: Verdict };
  /** May this request oversee the server: its API, its metrics? Unlike elsewhere, silence means no. */
  manage: { request: ManageRequest; answer: Verdict };
  /** Where can a stream be had that is not here? The first source wins. */
  resolve: { request: ResolveRequest; answer: StreamSource | void };
}
