import { assertEquals, assertLessOrEqual } from "@std/assert";
import type { MediaPacket } from "../media/packet.ts";
import { assertMonotonic, assertSamePackets, frames, hasBodyOf } from "./support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import type { TestPublisher, TransportUnderTest } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { wsFlvTransport } from "./support/transports/ws_flv_transport.ts";

/** Where 24, 31 and 32 bits of milliseconds end, and a little before. */
const STARTS = [0, 0xff_fff0, 0x7fff_fff0, 0xffff_fff0];

const GOP_MS = 400;

interface Mishap {
  readonly name: string;
  /** Moves the publisher's clock. */
  move(maker: StreamMaker): void;
}

const MISHAPS: readonly Mishap[] = [
  { name: "steps back by less than half a second", move: (maker) => maker.jumpTo(maker.ms - 300) },
  { name: "starts again at zero", move: (maker) => maker.jumpTo(0) },
  { name: "jumps an hour ahead", move: (maker) => maker.jumpTo(maker.ms + 3_600_000) },
  { name: "jumps an hour back", move: (maker) => maker.jumpTo(maker.ms - 3_600_000) },
  { name: "wraps while it jumps", move: (maker) => maker.jumpTo(2 ** 32 - 200) },
];

for (const publishing of TRANSPORTS) {
  for (const viewer of TRANSPORTS) {
    for (const startMs of STARTS) {
      Deno.test(`${viewer.name} plays ${publishing.name} from ${startMs} ms on, in even steps`, async () => {
        const { sent, received } = await passOn(publishing, viewer, startMs, () => {});
        assertSamePackets(fromZero(received), fromZero(sent));
      });
    }
  }

  for (const { name, move } of MISHAPS) {
    Deno.test(`${publishing.name}: a clock that ${name} is not seen by players`, async () => {
      const { sent, received } = await passOn(publishing, publishing, 5_000_000, move);
      assertSamePackets(received, sent, { times: false });
      assertMonotonic(received);
      const span = received[received.length - 1].dts - received[0].dts;
      assertLessOrEqual(span, 5 * GOP_MS * 1000, "the mend left a gap");
    });
  }
}

for (const viewer of TRANSPORTS) {
  Deno.test(`${viewer.name}: a stream goes on evenly when 24 bits no longer hold its time`, async () => {
    await using server = await TestServer.start({ config: { publishTimeoutSeconds: 3600 } });
    const maker = new StreamMaker();
    await using publisher = await wsFlvTransport.publish(server, "live/cam");
    publisher.write(maker.head());
    for (const hour of [0, 1, 2, 3, 4]) {
      server.clock.advance(hour === 0 ? 0 : 3_500_000);
      maker.jumpTo(hour * 3_500_000);
      await publishAll(server, publisher, maker.gop());
    }
    server.clock.advance(2 ** 24 - 4 * 3_500_000 - 600);
    maker.jumpTo(2 ** 24 - 600);
    const first = maker.gop();
    await publishAll(server, publisher, first);
    await using player = await viewer.play(server, "live/cam");
    const more = maker.gops(3);
    publisher.write(more);
    await player.until(hasBodyOf(more[more.length - 1]));
    assertSamePackets(frames(player.packets), packetsOf([...first, ...more]));
  });
}

async function publishAll(server: TestServer, publisher: TestPublisher, tags: readonly Tag[]): Promise<void> {
  publisher.write(tags);
  await server.received("live/cam", tags[tags.length - 1]);
}

/** Publishes two groups of pictures, moves the clock, publishes two more, and gives the frames on both sides. */
async function passOn(
  publishing: TransportUnderTest,
  viewer: TransportUnderTest,
  startMs: number,
  move: Mishap["move"],
): Promise<{ sent: MediaPacket[]; received: MediaPacket[] }> {
  await using server = await TestServer.start();
  const maker = new StreamMaker({ startMs });
  await using publisher = await publishing.publish(server, "live/cam");
  const first = maker.gop();
  publisher.write([...maker.head(), ...first]);
  await using player = await viewer.play(server, "live/cam");
  await player.until(hasBodyOf(first[0]));
  const more: Tag[] = maker.gop();
  move(maker);
  more.push(...maker.gops(2));
  publisher.write(more);
  await player.until(hasBodyOf(more[more.length - 1]));
  const sent = [...first, ...more];
  return { sent: packetsOf(sent), received: frames(player.packets) };
}

/** The same packets, as if the first had come at zero. */
function fromZero(packets: readonly MediaPacket[]): MediaPacket[] {
  assertEquals(packets.length > 0, true);
  const start = packets[0].dts;
  return packets.map((packet) => ({ ...packet, dts: packet.dts - start, pts: packet.pts - start }));
}
