// The part of ws that its published types leave out.
declare module "ws" {
  export interface ReceiverOptions {
    readonly isServer?: boolean;
    readonly maxPayload?: number;
    readonly maxFragments?: number;
    readonly maxBufferedChunks?: number;
    readonly allowSynchronousEvents?: boolean;
  }

  export class Receiver {
    constructor(options?: ReceiverOptions);
    write(bytes: Uint8Array): boolean;
    on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): this;
    on(event: "ping" | "pong", listener: (data: Uint8Array) => void): this;
    on(event: "conclude", listener: (code: number, reason: Uint8Array) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }
}
