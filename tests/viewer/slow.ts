import { assert, assertEquals, assertLess } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { assertDecodable, assertMonotonic, assertSamePackets, frames, hasBodyOf } from "../support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "../support/stream_maker.ts";
import { TestServer } from "../support/test_server.ts";
import type { TestPlayer, TestPublisher, TransportUnderTest } from "../support/transports/transport.ts";

/** The smallest ring that can be had; a group of pictures is a third of it. */
const RING_BYTES = 2 ** 20;

const KEY_BYTES = 160_000;

/** More than the ring and all buffers between two sockets of one machine hold. */
const ENOUGH_BYTES = 20 * 2 ** 20;

/** How long a stream goes on until what two sockets hold must be full: by then a hundred megabytes have been sent. */
const PATIENCE_SECONDS = 300;

const CONFIG = { buffer: { bytes: RING_BYTES }, stallSeconds: 5, publishTimeoutSeconds: 3600 };

/** What happens to a player of this protocol who takes less than the stream brings. */
export function slowTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  Deno.test(`${viewer.name}: a slow player jumps to a key, and the others miss nothing`, async () => {
    await using server = await TestServer.start({ config: CONFIG });
    const maker = new StreamMaker({ keyBytes: KEY_BYTES });
    await using publisher = await publishing.publish(server, "live/cam");
    publisher.write(maker.head());
    const first = maker.gop();
    publisher.write(first);
    await using fast = await viewer.play(server, "live/cam");
    await using slow = await viewer.play(server, "live/cam");
    await slow.until(hasBodyOf(first[0]));
    slow.pause();
    const sent = [...first, ...await publishFor(ENOUGH_BYTES, publisher, maker, fast)];
    slow.resume();
    while (!slow.packets.some(hasBodyOf(sent[sent.length - 1]))) {
      sent.push(...await publishFor(1, publisher, maker, fast));
    }
    assertSamePackets(frames(fast.packets), packetsOf(sent));
    assertLess(frames(slow.packets).length, packetsOf(sent).length);
    assertDecodable(slow.packets);
    assertMonotonic(slow.packets);
    assertGapsEndInKeys(slow.packets, sent);
    await publisher.end();
    await slow.over();
    await server.event("play:end", ({ skips }) => skips > 0);
  });

  Deno.test(`${viewer.name}: a player who takes nothing at all gives up its place, and the others stay`, async () => {
    await using server = await TestServer.start({ config: { ...CONFIG, limits: { connections: 3 } } });
    const maker = new StreamMaker({ keyBytes: KEY_BYTES });
    await using publisher = await publishing.publish(server, "live/cam");
    publisher.write([...maker.head(), ...maker.gop()]);
    await using fast = await viewer.play(server, "live/cam");
    await using stalled = await viewer.play(server, "live/cam");
    stalled.pause();
    const gone = () => server.told.find(({ name, event }) => name === "play:end" && event.reason === "too-slow");
    for (let seconds = 0; !gone(); seconds++) {
      assertLess(seconds, PATIENCE_SECONDS, "a player who takes nothing is kept");
      await publishFor(1, publisher, maker, fast);
      server.clock.advance(1000);
    }
    const { session } = await server.event("play:end", ({ reason }) => reason === "too-slow");
    assert(session.signal.aborted);
    server.clock.advance(60_000);
    const last = maker.gop();
    publisher.write(last);
    await fast.until(hasBodyOf(last[last.length - 1]));
    assertEquals(server.server.sessions.size, 2);
    await using newcomer = await playWhenFree(viewer, server);
    await newcomer.until(hasBodyOf(last[last.length - 1]));
  });
}

/** Plays as soon as the server has a connection to spare. */
async function playWhenFree(viewer: TransportUnderTest, server: TestServer): Promise<TestPlayer> {
  const accepted: TestPlayer[] = [];
  const ask = () => viewer.play(server, "live/cam").then((player) => accepted.push(player), () => {});
  await eventually(() => ask().then(() => accepted.length > 0), "the place was not given up");
  return accepted[0];
}

/** Publishes so many bytes or a little more, as fast as one player takes them; gives what was sent. */
async function publishFor(
  count: number,
  publisher: TestPublisher,
  maker: StreamMaker,
  player: TestPlayer,
): Promise<Tag[]> {
  const sent: Tag[] = [];
  for (let bytes = 0; bytes < count;) {
    const gop = maker.gop();
    sent.push(...gop);
    publisher.write(gop);
    await player.until(hasBodyOf(gop[gop.length - 1]));
    for (const { body } of gop) bytes += body.length;
  }
  return sent;
}

/** Fails unless whatever was left out ends before a key picture. */
function assertGapsEndInKeys(received: readonly { readonly body: Uint8Array }[], sent: readonly Tag[]): void {
  const video = packetsOf(sent).filter(({ kind }) => kind === "video");
  let expected = 0;
  for (const packet of received) {
    const at = video.findIndex(hasBodyOf(packet));
    if (at < 0) continue;
    if (at !== expected) assertEquals(video[at].role, "key", `picture ${at} came after ${expected - 1}`);
    expected = at + 1;
  }
}
