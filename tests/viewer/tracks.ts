import { assertEquals } from "@std/assert";
import { decodeAmf0 } from "../../media/amf/amf0.ts";
import { propertiesOf } from "../../media/amf/amf_value.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { assertDecodable, assertSamePackets, frames, hasBodyOf } from "../support/packets.ts";
import { packetsOf, type Recipe, StreamMaker } from "../support/stream_maker.ts";
import * as codec from "../support/test_bodies.ts";
import { TestServer } from "../support/test_server.ts";
import type { TransportUnderTest } from "../support/transports/transport.ts";

const RECIPES: readonly { readonly name: string; readonly recipe: Recipe }[] = [
  { name: "H.264 and AAC", recipe: {} },
  { name: "sound alone", recipe: { video: null } },
  { name: "pictures alone", recipe: { audio: null } },
  { name: "H.265 and Opus", recipe: { video: codec.hevc, audio: codec.opus } },
  { name: "AV1 and MP3", recipe: { video: codec.av1, audio: codec.mp3 } },
  { name: "codecs that nobody knows", recipe: { video: codec.unknownVideo, audio: codec.unknownAudio } },
  { name: "a FourCC that nobody knows", recipe: { video: codec.unknownFourCc } },
];

/** What reaches a player of this protocol of tracks that a publisher of that one sends. */
export function trackTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  const title = `${viewer.name} plays ${publishing.name}`;

  for (const { name, recipe } of RECIPES) {
    Deno.test(`${title}: ${name} pass byte for byte`, async () => {
      await using server = await TestServer.start();
      const maker = new StreamMaker(recipe);
      await using publisher = await publishing.publish(server, "live/cam");
      const first = maker.gop();
      publisher.write([...maker.head(), ...first]);
      await server.received("live/cam", first[0]);
      await using player = await viewer.play(server, "live/cam");
      await player.until(hasBodyOf(first[0]));
      const more = maker.gops(2);
      publisher.write(more);
      await player.until(hasBodyOf(more[more.length - 1]));
      assertSamePackets(frames(player.packets), packetsOf([...first, ...more]));
      assertConfigured(player.packets, packetsOf(maker.head()));
    });
  }

  Deno.test(`${title}: text between the pictures passes`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    const gop = maker.gop();
    const text = maker.script("onTextData", { text: "a caption", language: "eng" });
    publisher.write([...maker.head(), ...gop, text]);
    await using player = await viewer.play(server, "live/cam");
    await player.until(hasBodyOf(text));
    const [passed] = player.packets.filter(hasBodyOf(text));
    assertEquals({ kind: passed.kind, role: passed.role, dts: passed.dts }, {
      kind: "data",
      role: "frame",
      dts: text.dts,
    });
  });

  Deno.test(`${title}: a new configuration comes before the pictures that need it`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    const first = maker.gop();
    publisher.write([...maker.head(), ...first]);
    await using early = await viewer.play(server, "live/cam");
    await early.until(hasBodyOf(first[0]));
    const changed = [...maker.changeVideo(), ...maker.gop()];
    publisher.write(changed);
    await early.until(hasBodyOf(changed[changed.length - 1]));
    await using late = await viewer.play(server, "live/cam");
    await late.until(hasBodyOf(changed[changed.length - 1]));
    const isVideo = ({ kind }: MediaPacket) => kind === "video";
    const all = packetsOf([...first, ...changed]).filter(isVideo);
    assertSamePackets(early.packets.filter(isVideo).slice(1), all);
    assertSamePackets(late.packets.filter(isVideo), packetsOf(changed).filter(isVideo));
    assertDecodable(early.packets);
  });
}

/** What a player of this protocol can choose of a stream. */
export function selectionTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  for (const kind of ["audio", "video"] as const) {
    Deno.test(`${viewer.name}: ${kind}=0 leaves ${kind} out, in the metadata too`, async () => {
      await using server = await TestServer.start();
      const maker = new StreamMaker();
      await using publisher = await publishing.publish(server, "live/cam");
      const gop = maker.gop();
      publisher.write([...maker.head(), ...gop]);
      await using player = await viewer.play(server, "live/cam", { [kind]: "0" });
      const kept = packetsOf(gop).filter((packet) => packet.kind !== kind);
      await player.until(hasBodyOf(kept[kept.length - 1]));
      assertEquals(player.packets.filter((packet) => packet.kind === kind).length, 0);
      assertSamePackets(frames(player.packets), kept);
      const { hasAudio, hasVideo, audiocodecid, videocodecid } = metadataOf(player.packets);
      const expected = { audio: kind !== "audio", video: kind !== "video" };
      assertEquals({ audio: hasAudio, video: hasVideo }, expected);
      if (player.flags) assertEquals({ audio: player.flags.hasAudio, video: player.flags.hasVideo }, expected);
      assertEquals({ audio: audiocodecid !== undefined, video: videocodecid !== undefined }, expected);
    });
  }
}

/** Fails unless every configuration came before the first frame of its track. */
function assertConfigured(received: readonly MediaPacket[], head: readonly MediaPacket[]): void {
  const configs = head.filter(({ role }) => role === "config");
  for (const config of configs) {
    const ofTrack = received.filter(({ kind, role }) => kind === config.kind && role !== "metadata");
    assertSamePackets(ofTrack.slice(0, 1), [config]);
  }
}

function metadataOf(packets: readonly MediaPacket[]): Record<string, unknown> {
  const script = packets.find(({ kind, role }) => kind === "data" && role === "metadata");
  return { ...propertiesOf(decodeAmf0(script?.data ?? new Uint8Array(0))[1]) };
}
