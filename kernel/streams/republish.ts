import { Refusal } from "../reasons.ts";
import type { Incumbent } from "./live_stream.ts";

/** What happens when somebody publishes a stream that has a publisher. */
export type RepublishPolicy = "auto" | "reject" | "takeover";

/** What the policy looks at. */
export interface RepublishCase {
  /** How long the present publisher has been silent, in milliseconds. */
  readonly silentMs: number;
  /** Both presented the same accepted credential. */
  readonly isSameCredential: boolean;
  /** How often this stream was taken over lately, see {@linkcode TAKEOVER_WINDOW_MS}. */
  readonly recentTakeovers: number;
}

/** A publisher silent for this long is as good as gone: encoders send sound or pictures many times a second. */
export const SILENT_MS = 3_000;

/** Takeovers are counted over this time. */
const TAKEOVER_WINDOW_MS = 30_000;

/** More takeovers than this in the window means that two encoders fight; one of them has to wait. */
export const MAX_TAKEOVERS = 3;

/** Decides whether the newcomer takes over; otherwise says why not. */
export function mayTakeOver(
  policy: RepublishPolicy,
  found: RepublishCase,
): { yes: true } | { yes: false; why: string } {
  if (policy === "reject") return { yes: false, why: "it has a publisher" };
  if (found.recentTakeovers >= MAX_TAKEOVERS) {
    return { yes: false, why: "two publishers keep taking it from each other: try again in half a minute" };
  }
  if (policy === "takeover" || found.isSameCredential || found.silentMs >= SILENT_MS) return { yes: true };
  return { yes: false, why: "it has a publisher" };
}

/** Somebody wants to publish a stream that has a publisher. */
export interface Newcomer {
  /** The stream's id. */
  readonly id: string;
  readonly policy: RepublishPolicy;
  readonly incumbent: Pick<Incumbent, "credential" | "lastPacketAt">;
  /** What the newcomer was accepted with, if with anything. */
  readonly credential: string | undefined;
  /** In milliseconds of the server's clock. */
  readonly now: number;
}

/** Which streams were taken over lately. */
export class Takeovers {
  readonly #at = new Map<string, number[]>();

  /**
   * Lets a newcomer take a stream over, and remembers it.
   *
   * @throws {Refusal} when it may not
   */
  takeOver({ id, policy, incumbent, credential, now }: Newcomer): void {
    const recent = (this.#at.get(id) ?? []).filter((at) => at > now - TAKEOVER_WINDOW_MS);
    const verdict = mayTakeOver(policy, {
      silentMs: now - incumbent.lastPacketAt,
      isSameCredential: credential !== undefined && credential === incumbent.credential,
      recentTakeovers: recent.length,
    });
    if (!verdict.yes) throw new Refusal("busy", `Cannot publish ${id}: ${verdict.why}`);
    this.#at.set(id, [...recent, now]);
  }

  /** A stream has ended. */
  forget(id: string): void {
    this.#at.delete(id);
  }
}
