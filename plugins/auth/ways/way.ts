import type { StreamKey } from "../../../kernel/names.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { Credentials } from "./credentials.ts";

/** What somebody wants to do with a stream. */
export type Action = "publish" | "play";

/** All actions. */
export const ACTIONS: readonly Action[] = ["publish", "play"];

/** The other end, as far as it matters here: a session, or a request that has none. */
export interface Peer extends Pick<Session, "id" | "protocol" | "remote" | "params" | "onClose" | "offClose"> {
  readonly info: Pick<Session["info"], "url" | "authorization" | "referer" | "userAgent" | "isPublisher" | "params">;
}

/** Somebody who wants to do something with a stream. */
export interface Visitor {
  readonly action: Action;
  readonly session: Peer;
  readonly key: StreamKey;
  /** The stream's id. */
  readonly stream: string;
  /** The IP address; undefined for what runs in this process, and where it is not known. */
  readonly ip: string | undefined;
}

/** Somebody who has to be let in. */
export interface Applicant extends Visitor {
  readonly credentials: Credentials;
}

/**
 * What one way says of an applicant:
 *
 * - `yes`, with a name for who was let in that is no secret
 * - `absent`: nothing of the kind was presented
 * - `wrong`: what was presented is not known, as when somebody guesses
 * - `no`: it is known and does not allow this; `stale` when a new one of the same kind would
 */
export type Answer =
  | { readonly says: "yes"; readonly credential: string | undefined }
  | { readonly says: "absent" }
  | { readonly says: "wrong"; readonly why: string }
  | { readonly says: "no" | "stale"; readonly why: string };

/** One way to be let in: keys, users, signed addresses, tokens, or the word of another program. */
export interface Way {
  /** What is needed, as it follows "needs": `a key`; empty for what nobody can bring along. */
  readonly needs: string;
  /** Whether people may be asked for a user and a password. */
  readonly hasPasswords: boolean;
  check(applicant: Applicant): Answer | Promise<Answer>;
}

/** Nothing of the kind was presented. */
export const ABSENT: Answer = { says: "absent" };
