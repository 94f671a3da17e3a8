import type { RtmpMessage } from "../wire/message.ts";

/** What a peer told of itself when it connected. */
export interface ConnectInfo {
  /** As it was sent; like tcUrl it may have a query, with keys. */
  readonly app: string;
  readonly tcUrl: string;
  /** The page that a player runs in. */
  readonly pageUrl?: string;
  readonly flashVer?: string;
  /** The names of servers that what it publishes has come through, with commas between them. */
  readonly hops?: string;
  /** True if the peer says that it will publish, as encoders do; a player may still turn out to be one. */
  readonly isPublisher: boolean;
  /** True if the peer knows enhanced RTMP's multitrack messages. */
  readonly knowsTracks: boolean;
}

/** The peer asks to publish: answer with `acceptPublish` or `rejectPublish`; until then the stream's media is kept back. */
export interface PublishQuestion {
  readonly type: "publish";
  readonly streamId: number;
  /** As it was sent, with a query where the peer puts one. */
  readonly name: string;
}

/** The peer asks to play: answer with `acceptPlay` or `rejectPlay`; until then the player's other wishes are kept back. */
export interface PlayQuestion {
  readonly type: "play";
  readonly streamId: number;
  /** As it was sent, with a query where the peer puts one. */
  readonly name: string;
  /** Whether it asks for its playlist to be emptied first (RTMP, 7.2.2.1), and is told so. */
  readonly reset: boolean;
}

/** What a peer asks for; `isOpen` of the machine says whether it still does. */
export type StreamQuestion = PublishQuestion | PlayQuestion;

/** What the server machine tells its driver. */
export type ServerEvent =
  /** Answer with `acceptConnect` or `rejectConnect`; until then nothing else is told. */
  | { readonly type: "connect"; readonly info: ConnectInfo }
  /** Answer it, unless `unpublish` or `stop` comes first. */
  | StreamQuestion
  /** The publisher says that it has finished. */
  | { readonly type: "unpublish"; readonly streamId: number }
  /** The player does not want the stream any more. */
  | { readonly type: "stop"; readonly streamId: number }
  | { readonly type: "pause"; readonly streamId: number; readonly isPaused: boolean }
  /** The player switches one kind of track on or off. */
  | { readonly type: "receive"; readonly streamId: number; readonly kind: "audio" | "video"; readonly isOn: boolean }
  /** Audio, video or data of an accepted publish: types 8, 9 and 18. */
  | { readonly type: "media"; readonly streamId: number; readonly message: RtmpMessage };
