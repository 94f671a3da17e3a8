import type { StreamClients } from "../kernel/sessions/client.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import type { Sink } from "../kernel/log/log.ts";
import { DEFAULT_VHOST } from "../kernel/names.ts";
import { definePlugin, type Plugin, type PluginContext } from "../kernel/plugin/plugin.ts";
import type { Publication } from "../kernel/streams/publication.ts";
import { whenAborted } from "../kernel/reasons.ts";
import { createServer } from "../kernel/server.ts";
import type { Session } from "../kernel/sessions/session.ts";
import type { Stream } from "../kernel/streams/stream.ts";
import { shownAddress } from "../plugins/shared/relay/address.ts";
import { Target, type TargetJson } from "../plugins/shared/relay/target.ts";
import { Intake } from "./intake.ts";
import { knownClients } from "./known_clients.ts";
import type { TransferEvent, TransferFigures } from "./transfer.ts";

/** How a stream is forwarded. */
export interface ForwardStreamOptions {
  /** Aborting it ends the stream at all targets. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly clients?: StreamClients;
  /** Between 0 and 1, for the jitter of the pauses between attempts. */
  readonly random?: () => number;
  /** Whether the targets get silence while the source has pictures and no sound. */
  readonly silentAudio?: boolean;
  /** Where what the targets have to say goes; by default nowhere. */
  readonly log?: Sink;
  /** Hears of the source. */
  onEvent?(event: TransferEvent): void;
}

/** A forward that can be watched. */
export interface StreamForward {
  /** What has come from the source. */
  readonly figures: TransferFigures;
  /** How the targets are doing, in the order they were given; none before the source is live. */
  readonly targets: readonly TargetJson[];
  /** Settles when it has been stopped. */
  readonly done: Promise<void>;
}

/** What the stream is called in here; nobody else can see it. */
const KEY = { vhost: DEFAULT_VHOST, app: "forward", name: "source" };

/** For so many seconds targets wait for a source that has gone before the stream ends there. */
const GRACE_SECONDS = 10;

/**
 * Sends a stream of one server on to others until the signal aborts, from RTMP, HTTP-FLV or WebSocket-FLV to any of them.
 *
 * Every target goes its own way: one that is slow, refuses or is gone holds up no other, and is tried again with growing
 * pauses. A source that is lost is tried again as well; while it is away the targets wait.
 *
 * @throws {TypeError} when an address is of another protocol
 */
export function startForward(
  source: string,
  targets: readonly string[],
  options: ForwardStreamOptions = {},
): StreamForward {
  return new Forward(source, targets, options);
}

/**
 * A server for one stream, which comes in and leaves in many directions. It speaks no protocol: of the port that every server
 * has nobody gets an answer but "not found", and it is one of the loopback interface.
 */
class Forward implements StreamForward {
  readonly done: Promise<void>;
  readonly #source: string;
  readonly #urls: readonly string[];
  readonly #options: ForwardStreamOptions;
  readonly #clients: StreamClients;
  readonly #clock: Clock;
  readonly #intake: Intake;
  #targets: Target[] = [];
  #ctx?: PluginContext;
  #session?: Session;
  #publication?: Publication;

  constructor(source: string, urls: readonly string[], options: ForwardStreamOptions) {
    const { clock = systemClock, clients = knownClients(), signal, random } = options;
    for (const url of [source, ...urls]) clients.for(url);
    this.#source = source;
    this.#urls = urls;
    this.#options = options;
    this.#clients = clients;
    this.#clock = clock;
    this.#intake = new Intake(source, {
      clients,
      clock,
      signal,
      random,
      keepTrying: true,
      onEvent: (event) => options.onEvent?.(event),
      take: (packet) => this.#publication ? this.#publish(this.#publication, packet) : this.#begin(packet),
      onBreak: () => this.#vanish(),
    });
    this.done = this.#run();
  }

  get figures(): TransferFigures {
    return this.#intake.figures;
  }

  get targets(): readonly TargetJson[] {
    return this.#targets.map((target) => target.toJSON());
  }

  async #run(): Promise<void> {
    await using _server = await createServer({
      plugins: [this.#plugin()],
      config: { http: { host: "127.0.0.1", port: 0 }, graceSeconds: GRACE_SECONDS },
      clock: this.#clock,
      log: this.#options.log ?? (() => {}),
    });
    await this.#intake.run();
  }

  #plugin(): Plugin {
    return definePlugin({
      name: "forward-command",
      setup: (ctx) => {
        this.#ctx = ctx;
        ctx.on("stream:start", ({ stream }) => this.#open(stream, ctx));
        ctx.defer(async () => {
          await Promise.all(this.#targets.map((target) => target[Symbol.asyncDispose]()));
        });
      },
    })();
  }

  #open(stream: Stream, { log }: PluginContext): void {
    const { random, silentAudio } = this.#options;
    const host = { clients: this.#clients, clock: this.#clock, log, random, silentAudio };
    this.#targets = this.#urls.map((url) => new Target(stream, url, host));
  }

  async #begin(packet: Parameters<Publication["write"]>[0]): Promise<void> {
    const ctx = this.#ctx!;
    const remote = shownAddress(this.#source);
    if (!this.#session || this.#session.closed) {
      this.#session = await ctx.open({ protocol: "forward", remote, params: new URLSearchParams() });
    }
    const publication = await ctx.publish(this.#session, KEY);
    this.#publication = publication;
    whenAborted(publication.signal, () => {
      if (this.#publication === publication) this.#publication = undefined;
    });
    this.#publish(publication, packet);
  }

  #publish(publication: Publication, packet: Parameters<Publication["write"]>[0]): void {
    publication.write(packet);
    publication.flush();
  }

  /** The source has gone: the stream waits for its return, or ends when nobody wants it any more. */
  #vanish(): void {
    const publication = this.#publication;
    this.#publication = undefined;
    if (this.#options.signal?.aborted) publication?.end();
    else publication?.[Symbol.dispose]();
  }
}
