/**
 * What happens while a stream is pushed or pulled.
 *
 * - `open`: the file is known
 * - `connecting`: the server is being dialled
 * - `live`: the server has accepted
 * - `waiting`: it failed or broke; it is tried again in so many seconds
 * - `notice`: something is left out, in words
 */
export type TransferEvent =
  | { readonly type: "open"; readonly path: string; readonly format: string; readonly seconds?: number }
  | { readonly type: "connecting" }
  | { readonly type: "live" }
  | { readonly type: "waiting"; readonly problem: string; readonly seconds: number }
  | { readonly type: "notice"; readonly text: string };

/** How far a transfer is. */
export interface TransferFigures {
  /** Of media, since the beginning. */
  readonly seconds: number;
  /** Of media, without containers and protocols. */
  readonly bytes: number;
  readonly packets: number;
  /** How often there was a connection. */
  readonly connects: number;
}
