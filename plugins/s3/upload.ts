import type { SentPart } from "./part_plan.ts";

/** What is sent: one file, a recorded HLS session with all its files, or the live segments of a session. */
export type UploadKind = "file" | "hls" | "segments";

/** `open` while it may grow, `due` when it is complete and not all of it in the store, `done` when the store has confirmed all. */
export type UploadState = "open" | "due" | "done";

/** What is wanted to be sent. */
export interface UploadWish {
  readonly kind: UploadKind;
  /** The stream's id. */
  readonly stream: string;
  /** The plugin that wrote it. */
  readonly by: string;
  /** Below the data folder, with `/` between its parts; it names the recording. */
  readonly path: string;
  /** The object that it becomes. */
  readonly key: string;
}

/** A recording on its way to the store, or there. */
export interface Upload extends UploadWish {
  readonly id: number;
  readonly state: UploadState;
  /** When it was noted, in milliseconds since 1970. */
  readonly since: number;
  /** When the store had confirmed all of it, in milliseconds since 1970; undefined before. */
  readonly doneAt?: number;
  /** In bytes; of what grows, as it was when it was last looked at. */
  readonly bytes: number;
  /** When the file was changed last that was sent, in milliseconds since 1970. */
  readonly modified: number;
  /** Whether it is on the disk still. */
  readonly isLocal: boolean;
  readonly partBytes: number;
  /** The store's name of a multipart upload that is not over. */
  readonly upload?: string;
}

/** An upload with how much of it the store has, in bytes. */
export interface ShownUpload extends Upload {
  readonly sentBytes: number;
}

/** A part that the store has, as it was sent. */
export interface KeptPart extends Omit<SentPart, "isChecked"> {
  readonly sha256: string;
  readonly md5: string;
  readonly etag: string;
}

/** Which uploads are asked for. */
export interface UploadQuery {
  readonly state?: UploadState;
  readonly stream?: string;
  readonly offset: number;
  readonly limit: number;
}
