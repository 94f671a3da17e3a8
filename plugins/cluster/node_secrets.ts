import type { Clock } from "../../kernel/clock.ts";
import { NODE_PASS, PASS } from "../shared/node_sessions.ts";
import { isNodePass, nodePass, type PassUse } from "./node_pass.ts";

/** A secret that was replaced counts for so long, in milliseconds: time for all nodes to hear of the new one. */
const REPLACED_MS = 600_000;

/** A node shows no more passes than this, and no more are looked at. */
const MOST_PASSES = 4;

/** The passes that a peer shows in its query, or seems to. */
export function passesOf(params: URLSearchParams): readonly string[] {
  return params.getAll(NODE_PASS).filter((text) => PASS.test(text)).slice(0, MOST_PASSES);
}

/**
 * What the nodes of a cluster know and nobody else: it stands in their settings, or else one of them has made it up, and all read
 * it where they tell each other how they are.
 *
 * The invariant: passes are made of the same secrets of which they count. One that was replaced is among them for a while, so that
 * nodes know each other while one after the other hears of the new one.
 */
export class NodeSecrets {
  readonly #clock: Pick<Clock, "now" | "date">;
  /** What this node proposes to others that have agreed on nothing yet. */
  readonly #madeUp = crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true });
  #configured?: string;
  #agreed?: string;
  #replaced?: { readonly secret: string; readonly until: number };

  /** `configured` is what the settings say, if they do. */
  constructor(clock: Pick<Clock, "now" | "date">, configured?: string) {
    this.#clock = clock;
    this.#configured = configured;
  }

  /** Whether there is any yet; without one nobody can be told from others. */
  get isKnown(): boolean {
    return this.#all.length > 0;
  }

  /** What the nodes are to agree on when they have not; undefined when the settings say what it is. */
  get offered(): string | undefined {
    return this.#configured === undefined ? this.#agreed ?? this.#madeUp : undefined;
  }

  /** The nodes have agreed on this. */
  agree(secret: string): void {
    this.#change(() => this.#agreed = secret);
  }

  /** The settings say this from now on, or nothing. */
  configure(secret: string | undefined): void {
    this.#change(() => this.#configured = secret);
  }

  /** Passes for one use, to be shown together; none while there is no secret. */
  passes(use: PassUse): string[] {
    return this.#all.map((secret) => nodePass(secret, use, this.#clock.date()));
  }

  /** Whether one of these texts is a pass for this use that still counts. */
  admits(passes: readonly string[], use: PassUse): boolean {
    const now = this.#clock.date();
    const all = this.#all;
    return passes.slice(0, MOST_PASSES).some((pass) => all.some((secret) => isNodePass(pass, secret, use, now)));
  }

  get #current(): string | undefined {
    return this.#configured ?? this.#agreed;
  }

  get #all(): string[] {
    const { secret: replaced, until = 0 } = this.#replaced ?? {};
    const older = until > this.#clock.now() ? replaced : undefined;
    return [this.#current, older].filter((secret) => secret !== undefined);
  }

  #change(change: () => void): void {
    const before = this.#current;
    change();
    if (before === undefined || before === this.#current) return;
    this.#replaced = { secret: before, until: this.#clock.now() + REPLACED_MS };
  }
}
