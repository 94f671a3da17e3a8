import type { RtmpMessage } from "../wire/message.ts";

/** What the server said when it refused, or ended what it had accepted. */
export interface ServerWords {
  /** A status code such as `NetStream.Publish.BadName`. */
  readonly code: string;
  /** May be empty, and may repeat what it was asked for, with its key. */
  readonly description: string;
  /** The address to go to instead. */
  readonly redirect?: string;
}

/** What the client machine tells its driver. */
export type ClientEvent =
  /** The server has accepted: publishing may begin, or the stream is about to come. */
  | { readonly type: "ready" }
  /** Audio, video or data of the stream that is played: types 8, 9 and 18. */
  | { readonly type: "media"; readonly message: RtmpMessage }
  /** The server has refused what was asked for, or has failed. */
  | { readonly type: "refused"; readonly words: ServerWords }
  /** What was ready is over. */
  | { readonly type: "ended"; readonly words: ServerWords };
