import { assertEquals } from "@std/assert";
import { decodeAmf0 } from "../media/amf/amf0.ts";
import { propertiesOf } from "../media/amf/amf_value.ts";
import type { MediaPacket } from "../media/packet.ts";
import { assertSamePackets, frames, hasBodyOf } from "./support/packets.ts";
import { packetsOf, type Recipe, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { aac, mp3, multitrack, unknownAudio } from "./support/test_bodies.ts";
import { TestServer } from "./support/test_server.ts";
import { httpFlvTransport } from "./support/transports/http_flv_transport.ts";
import { wsFlvTransport } from "./support/transports/ws_flv_transport.ts";

/** The protocols with an FLV header, whose flags players take at their word. */
const VIEWERS = [httpFlvTransport, wsFlvTransport];

/** Longer than a header waits for a second kind of track. */
const PROBE_MS = 1000;

interface Case {
  readonly name: string;
  readonly recipe: Recipe;
  /** True when only time can tell that nothing more will come. */
  readonly isProbed: boolean;
  readonly flags: { readonly hasAudio: boolean; readonly hasVideo: boolean };
}

const CASES: readonly Case[] = [
  { name: "both, announced", recipe: {}, isProbed: false, flags: { hasAudio: true, hasVideo: true } },
  { name: "both", recipe: { metadata: false }, isProbed: false, flags: { hasAudio: true, hasVideo: true } },
  { name: "sound, announced", recipe: { video: null }, isProbed: false, flags: { hasAudio: true, hasVideo: false } },
  {
    name: "sound",
    recipe: { video: null, metadata: false },
    isProbed: true,
    flags: { hasAudio: true, hasVideo: false },
  },
  { name: "pictures, announced", recipe: { audio: null }, isProbed: false, flags: { hasAudio: false, hasVideo: true } },
  {
    name: "pictures",
    recipe: { audio: null, metadata: false },
    isProbed: true,
    flags: { hasAudio: false, hasVideo: true },
  },
  {
    name: "MP3 without a configuration",
    recipe: { video: null, audio: mp3, metadata: false },
    isProbed: true,
    flags: { hasAudio: true, hasVideo: false },
  },
];

for (const viewer of VIEWERS) {
  for (const { name, recipe, isProbed, flags } of CASES) {
    Deno.test(`${viewer.name}: header and metadata tell what flows: ${name}`, async () => {
      await using server = await TestServer.start();
      const maker = new StreamMaker(recipe);
      await using publisher = await wsFlvTransport.publish(server, "live/cam");
      const gop = maker.gop();
      publisher.write([...maker.head(), ...gop]);
      await server.received("live/cam", gop[gop.length - 1]);
      const accepted = viewer.play(server, "live/cam");
      await server.event("play:start");
      if (isProbed) server.clock.advance(PROBE_MS);
      await using player = await accepted;
      await player.until(hasBodyOf(gop[gop.length - 1]));
      const { hasAudio, hasVideo } = metadataOf(player.packets);
      assertEquals({ hasAudio: player.flags?.hasAudio, hasVideo: player.flags?.hasVideo }, flags);
      assertEquals({ hasAudio, hasVideo }, flags);
    });
  }

  Deno.test(`${viewer.name}: a header waits a moment for the second kind of track`, async () => {
    await using server = await TestServer.start();
    const pictures = new StreamMaker({ audio: null, metadata: false });
    const sound = new StreamMaker({ video: null, metadata: false });
    await using publisher = await wsFlvTransport.publish(server, "live/cam");
    const gop = pictures.gop();
    publisher.write([...pictures.head(), ...gop]);
    await server.received("live/cam", gop[gop.length - 1]);
    const accepted = viewer.play(server, "live/cam");
    await server.event("play:start");
    await server.settled();
    publisher.write([...sound.head(), ...sound.gop()]);
    await using player = await accepted;
    const more = merge(pictures.gop(), sound.gop());
    publisher.write(more);
    await player.until(hasBodyOf(more[more.length - 1]));
    assertEquals(player.flags?.hasAudio && player.flags.hasVideo, true);
  });

  for (const [name, audio] of Object.entries({ aac, mp3, unknownAudio })) {
    Deno.test(`${viewer.name}: sound that comes late (${name}) ends the players who were promised none`, async () => {
      await using server = await TestServer.start();
      const pictures = new StreamMaker({ audio: null });
      const sound = new StreamMaker({ video: null, audio });
      await using publisher = await wsFlvTransport.publish(server, "live/cam");
      publisher.write([...pictures.head(), ...pictures.gop()]);
      await using early = await viewer.play(server, "live/cam");
      await using deaf = await viewer.play(server, "live/cam", { audio: "0" });
      const both = merge(pictures.gop(), [...sound.audioConfig(), ...sound.gop()]);
      publisher.write(both);
      assertEquals((await early.over()).status, viewer.playerEnds["stream-changed"]);
      assertEquals((await server.event("play:end")).reason, "stream-changed");
      await using again = await viewer.play(server, "live/cam");
      const more = merge(pictures.gop(), sound.gop());
      publisher.write(more);
      await again.until(hasBodyOf(more[more.length - 1]));
      assertEquals(again.flags?.hasAudio, true);
      const last = pictures.gop();
      publisher.write(last);
      await deaf.until(hasBodyOf(last[last.length - 1]));
    });
  }

  Deno.test(`${viewer.name}: of several tracks the main one is sent, unless all are asked for`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker({ video: multitrack });
    await using publisher = await wsFlvTransport.publish(server, "live/cam");
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await server.received("live/cam", gop[gop.length - 1]);
    await using plain = await viewer.play(server, "live/cam");
    await using all = await viewer.play(server, "live/cam", { tracks: "all" });
    for (const player of [plain, all]) await player.until(hasBodyOf(gop[gop.length - 1]));
    const packets = packetsOf(gop);
    assertSamePackets(frames(all.packets), packets);
    assertSamePackets(frames(plain.packets), packets.filter(({ track }) => track === 0));
  });
}

function merge(a: readonly Tag[], b: readonly Tag[]): Tag[] {
  return [...a, ...b].sort((x, y) => x.dts - y.dts);
}

function metadataOf(packets: readonly MediaPacket[]): Record<string, unknown> {
  const script = packets.find(({ kind, role }) => kind === "data" && role === "metadata");
  return { ...propertiesOf(decodeAmf0(script?.data ?? new Uint8Array(0))[1]) };
}
