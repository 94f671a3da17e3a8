import type { Protocol } from "../load/address.ts";

/** A running server to be loaded; disposing stops what was started for the bench. */
export interface Target extends AsyncDisposable {
  /** For the table. */
  readonly name: string;
  readonly host: string;
  /** The processes whose time and memory count. */
  readonly pids: readonly number[];
  /** The port of each protocol that it speaks. */
  readonly ports: Readonly<Partial<Record<Protocol, number>>>;
  /** Where its streams are published; by default to itself. */
  readonly source?: Target;
}
