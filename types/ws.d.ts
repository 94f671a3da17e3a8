// The parts of ws that are used here; the package comes without types.
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

  export interface WebSocketOptions {
    readonly maxPayload?: number;
    readonly perMessageDeflate?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
    readonly ca?: string | string[];
    readonly rejectUnauthorized?: boolean;
    readonly servername?: string;
    readonly createConnection?: () => import("node:net").Socket;
  }

  export class WebSocket {
    constructor(url: string, options?: WebSocketOptions);
    readonly bufferedAmount: number;
    send(bytes: Uint8Array): void;
    pause(): void;
    resume(): void;
    close(code: number, reason: string): void;
    terminate(): void;
    on(event: "open", listener: () => void): this;
    on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): this;
    on(
      event: "unexpected-response",
      listener: (request: unknown, response: { statusCode?: number; statusMessage?: string }) => void,
    ): this;
    on(event: "close", listener: (code: number, reason: Uint8Array) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }
}
