import { assertEquals } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { httpFlvTransport } from "../support/transports/http_flv_transport.ts";
import { assertSamePackets, frames, hasBodyOf } from "../support/packets.ts";
import { rtmpTransport } from "../support/transports/rtmp_transport.ts";
import { packetsOf, StreamMaker, type Tag } from "../support/stream_maker.ts";
import type { TestServer } from "../support/test_server.ts";
import type { TestPlayer, TestPublisher } from "../support/transports/transport.ts";
import { wsFlvTransport } from "../support/transports/ws_flv_transport.ts";

const PLAYING = [httpFlvTransport, wsFlvTransport, rtmpTransport];

/** After this many milliseconds an interrupted stream is over. */
const GRACE_MS = 5000;

/** Time moves in steps of at most so many milliseconds, so that nobody well-behaved seems to be silent. */
const STEP_MS = 1000;

/** A publisher and players of every protocol who do nothing wrong, while others do. */
export class Bystanders implements AsyncDisposable {
  /** Sessions that belong to them. */
  static readonly sessions = PLAYING.length + 1;
  readonly #server: TestServer;
  readonly #maker = new StreamMaker();
  readonly #publisher: TestPublisher;
  readonly #players: readonly TestPlayer[];
  readonly #sent: Tag[];

  private constructor(
    server: TestServer,
    publisher: TestPublisher,
    players: readonly TestPlayer[],
    maker: StreamMaker,
    sent: Tag[],
  ) {
    this.#server = server;
    this.#publisher = publisher;
    this.#players = players;
    this.#maker = maker;
    this.#sent = sent;
  }

  /** Begins to publish and to play `live/bystander`. */
  static async start(server: TestServer): Promise<Bystanders> {
    const maker = new StreamMaker();
    const publisher = await rtmpTransport.publish(server, "live/bystander");
    const sent = maker.gop();
    publisher.write([...maker.head(), ...sent]);
    const players: TestPlayer[] = [];
    for (const transport of PLAYING) players.push(await transport.play(server, "live/bystander"));
    const bystanders = new Bystanders(server, publisher, players, maker, sent);
    await bystanders.#allHave(sent);
    return bystanders;
  }

  /** Publishes a group of pictures, and waits until every player has it. */
  async goOn(): Promise<void> {
    const gop = this.#maker.gop();
    this.#sent.push(...gop);
    this.#publisher.write(gop);
    await this.#allHave(gop);
  }

  /** Lets time pass on the server's clock; they go on meanwhile. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.goOn();
      this.#server.clock.advance(Math.min(left, STEP_MS));
    }
  }

  /** Fails unless they still go on, nothing was lost, the others are gone, and the server did not fail at anything. */
  async assertUnharmed(): Promise<void> {
    await this.pass(GRACE_MS);
    await this.goOn();
    const expected = packetsOf(this.#sent);
    for (const { packets } of this.#players) assertSamePackets(frames(packets), expected);
    const { sessions, streams } = this.#server.server;
    await eventually(() => sessions.size === Bystanders.sessions, "the others' sessions are still open");
    await eventually(() => streams.size === 1, "the others' streams are still there");
    assertEquals(this.#server.logged.filter(({ level }) => level === "error").map(({ message }) => message), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const player of this.#players) await player[Symbol.asyncDispose]();
    await this.#publisher[Symbol.asyncDispose]();
  }

  async #allHave(tags: readonly Tag[]): Promise<void> {
    const last = packetsOf(tags).at(-1);
    if (last) await Promise.all(this.#players.map((player) => player.until(hasBodyOf(last))));
  }
}
