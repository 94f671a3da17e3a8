import { type ClientEnd, ClientError, type PushClient, type StreamClients } from "../kernel/sessions/client.ts";
import type { Clock } from "../kernel/clock.ts";
import { whenAborted } from "../kernel/reasons.ts";
import type { MediaPacket } from "../media/packet.ts";
import { shownAddress } from "../plugins/shared/relay/address.ts";
import { Retries, type RetryOptions } from "./retries.ts";
import type { TransferEvent } from "./transfer.ts";

/** What an uplink works with. */
export interface UplinkHost extends RetryOptions {
  readonly clients: StreamClients;
  readonly clock: Clock;
  /** Aborting it ends all waiting; what is written after that goes nowhere. */
  readonly signal: AbortSignal;
  onEvent(event: TransferEvent): void;
}

/**
 * Publishes one stream for as long as it is written, over as many connections as that takes.
 *
 * Each connection begins with what describes the stream. Pictures that were lost with the one before are not sent again, so
 * the next begins with a key.
 */
export class Uplink {
  readonly #url: string;
  readonly #host: UplinkHost;
  readonly #retries: Retries;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #stopping: Disposable;
  /** The newest configurations and metadata of each track. */
  readonly #head = new Map<string, MediaPacket>();
  #client?: PushClient;
  #needsKey = false;
  #bytes = 0;
  #connects = 0;
  #awayMs = 0;

  constructor(url: string, host: UplinkHost) {
    this.#url = url;
    this.#host = host;
    this.#stopping = whenAborted(host.signal, this.#stopped.resolve);
    this.#retries = new Retries(host, host.clock, (problem, seconds) => {
      host.onEvent({ type: "waiting", problem, seconds });
    });
  }

  /** Bytes of packets that were given to servers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How often it was connected. */
  get connects(): number {
    return this.#connects;
  }

  /** Whether the server has accepted, and the connection stands. */
  get isLive(): boolean {
    return this.#client !== undefined;
  }

  /** How long there was no connection since this was last asked, in milliseconds. */
  takeAwayMs(): number {
    const ms = this.#awayMs;
    this.#awayMs = 0;
    return ms;
  }

  /**
   * Sends a packet, as soon as there is a connection.
   *
   * @throws {ClientError} when the connection failed or the server refused, and it is not to be tried again
   */
  async write(packet: MediaPacket): Promise<void> {
    while (!this.#host.signal.aborted) {
      try {
        this.#client ??= await this.#connect(packet.dts);
        await this.#send(this.#client, packet);
        break;
      } catch (error) {
        await this.#lost(error);
      }
    }
    if (packet.role === "config" || packet.role === "metadata") this.#head.set(trackOf(packet), packet);
  }

  /**
   * Says that the stream is complete, and lets the server read all of it.
   *
   * @throws {ClientError} when the server says then that it did not take it
   */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#stopping[Symbol.dispose]();
    if (!client) return;
    await client.close();
    const end = await client.closed;
    if (this.#host.signal.aborted) return;
    if (end.code !== "left" && end.code !== "NetStream.Unpublish.Success") throw this.#errorOf(end);
  }

  async #connect(dts: number): Promise<PushClient> {
    const { clients, clock, signal, onEvent } = this.#host;
    const startedAt = clock.now();
    onEvent({ type: "connecting" });
    const client = await this.#dial(clients, clock, signal);
    this.#awayMs += clock.now() - startedAt;
    this.#connects++;
    this.#retries.live();
    onEvent({ type: "live" });
    for (const packet of this.#head.values()) await client.write({ ...packet, dts });
    return client;
  }

  /** The signal ends the dialling alone: a connection that stands is closed in order. */
  async #dial(clients: StreamClients, clock: Clock, signal: AbortSignal): Promise<PushClient> {
    const dialling = new AbortController();
    using _stop = whenAborted(signal, () => dialling.abort());
    return await clients.for(this.#url).push(this.#url, { signal: dialling.signal, clock });
  }

  async #send(client: PushClient, packet: MediaPacket): Promise<void> {
    const { kind, role, body } = packet;
    if (kind === "video" && role === "key") this.#needsKey = false;
    if (role === "delta" && this.#needsKey) return;
    const wait = client.write(packet);
    this.#bytes += body.length;
    if (wait) await Promise.race([wait, this.#stopped.promise]);
  }

  async #lost(error: unknown): Promise<void> {
    const { clock, signal } = this.#host;
    this.#client?.destroy();
    this.#client = undefined;
    if (signal.aborted) return;
    this.#needsKey = this.#head.size > 0;
    const startedAt = clock.now();
    await this.#retries.after(error, signal);
    this.#awayMs += clock.now() - startedAt;
  }

  #errorOf({ code, message }: ClientEnd): ClientError {
    const shown = shownAddress(this.#url);
    return new ClientError(code, message.includes(shown) ? message : `${shown}: ${message}`);
  }
}

function trackOf({ kind, role, track }: MediaPacket): string {
  return `${kind} ${role} ${track}`;
}
