import { assert, assertEquals } from "@std/assert";
import { encodeAmf0 } from "../../media/amf/amf0.ts";
import { ByteWriter, concat } from "../../media/bytes.ts";
import { fourCc } from "../../media/flv/fourcc.ts";
import { bytes } from "../../media/testing.ts";
import type { MediaKind } from "../../media/packet.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlvTransport } from "../support/transports/http_flv_transport.ts";
import { assertSamePackets, frames, hasBodyOf } from "../support/packets.ts";
import { rtmpTransport } from "../support/transports/rtmp_transport.ts";
import { packetsOf, StreamMaker, type Tag } from "../support/stream_maker.ts";
import { aac, avc, scriptBody } from "../support/test_bodies.ts";
import { TestServer } from "../support/test_server.ts";
import type { TransportUnderTest } from "../support/transports/transport.ts";
import { TRANSPORTS } from "../support/transports/transports.ts";
import { wsFlvTransport } from "../support/transports/ws_flv_transport.ts";
import { Bystanders } from "./bystanders.ts";

const CONFIG = avc.config?.(0) ?? new Uint8Array(0);
const KEY = avc.picture({ isKey: true, composition: 0, data: new Uint8Array(40) });
const DELTA = avc.picture({ isKey: false, composition: 0, data: new Uint8Array(40) });
const SOUND = aac.sound(new Uint8Array(40));

function tag(kind: MediaKind, body: Uint8Array | string, ms = 0): Tag {
  return { kind, dts: ms * 1000, body: typeof body === "string" ? bytes(body) : body };
}

/** Objects in objects in objects …. */
function nested(depth: number): Uint8Array {
  const out = new ByteWriter(depth * 8).raw(encodeAmf0("onMetaData"));
  for (let i = 0; i < depth; i++) out.u8(3).u16(1).u8(0x61);
  out.u8(5);
  for (let i = 0; i < depth; i++) out.u24(9);
  return out.view();
}

/** One body with a frame, or a configuration, of each of so many tracks. */
function tracks(count: number, packetType: number, size: number): Uint8Array {
  const out = new ByteWriter().u8(0x96).u8(0x10 | packetType).u32(fourCc("avc1"));
  for (let track = 0; track < count; track++) out.u8(track).u24(size).raw(new Uint8Array(size).fill(track));
  return out.view();
}

const STREAMS: readonly { readonly name: string; readonly tags: readonly Tag[] }[] = [
  { name: "nothing but empty bodies", tags: ["video", "audio", "data"].map((kind) => tag(kind as MediaKind, "")) },
  { name: "pictures as sound", tags: [tag("audio", CONFIG), tag("audio", KEY), tag("audio", DELTA)] },
  { name: "sound as pictures", tags: [tag("video", aac.config?.() ?? ""), tag("video", SOUND)] },
  { name: "pictures as script", tags: [tag("data", CONFIG), tag("data", KEY)] },
  { name: "script as pictures and sound", tags: [tag("video", nested(3)), tag("audio", nested(3))] },
  { name: "frames before their configuration", tags: [tag("video", DELTA), tag("video", KEY), tag("audio", SOUND)] },
  { name: "bodies of one byte", tags: Array.from({ length: 256 }, (_, i) => tag("video", Uint8Array.of(i))) },
  { name: "sounds of one byte", tags: Array.from({ length: 256 }, (_, i) => tag("audio", Uint8Array.of(i))) },
  { name: "scripts of one byte", tags: Array.from({ length: 256 }, (_, i) => tag("data", Uint8Array.of(i))) },
  { name: "an empty configuration", tags: [tag("video", "17 00 000000"), tag("video", KEY), tag("audio", "af 00")] },
  { name: "a configuration of one byte", tags: [tag("video", "17 00 000000 01"), tag("video", KEY)] },
  { name: "a configuration that is cut off", tags: [tag("video", CONFIG.subarray(0, 14)), tag("video", KEY)] },
  {
    name: "parameter sets of noise",
    tags: [tag("video", CONFIG.map((byte, i) => i < 13 ? byte : byte * 31 + i & 0xff)), tag("video", KEY)],
  },
  {
    name: "parameter sets of 0xff",
    tags: [tag("video", CONFIG.map((byte, i) => i < 13 ? byte : 0xff)), tag("video", KEY)],
  },
  { name: "NAL units longer than the frame", tags: [tag("video", CONFIG), tag("video", "17 01 000000 ffffffff 65")] },
  {
    name: "a codec that nobody knows",
    tags: [tag("video", "1f 00"), tag("audio", "ff 00"), tag("video", "90 00000000")],
  },
  { name: "enhanced bodies that are cut off", tags: ["80", "90 61", "9f", "96 00"].map((body) => tag("video", body)) },
  { name: "256 tracks", tags: [tag("video", tracks(256, 0, 40)), tag("video", tracks(256, 1, 40), 40)] },
  {
    name: "tracks that are cut off",
    tags: [tag("video", tracks(256, 0, 40).subarray(0, 999)), tag("video", tracks(9, 1, 0))],
  },
  { name: "a script that is none", tags: [tag("data", "ff"), tag("data", "02 ffff 61"), tag("data", "03 03 03 03")] },
  { name: "metadata nested 10,000 deep", tags: [tag("data", nested(10_000)), tag("video", CONFIG), tag("video", KEY)] },
  { name: "metadata without a name", tags: [tag("data", "00 7ff0000000000000 05 05"), tag("video", KEY)] },
  {
    name: "metadata about __proto__",
    tags: [tag("data", scriptBody("onMetaData", { constructor: 1, toString: 2, ["__proto__"]: 3 })), tag("video", KEY)],
  },
  {
    name: "metadata of nonsense",
    tags: [
      tag(
        "data",
        scriptBody("onMetaData", { width: -1, height: NaN, videocodecid: Infinity, framerate: "x", stereo: "y" }),
      ),
      tag("video", CONFIG),
      tag("video", KEY),
    ],
  },
  {
    name: "times that jump to and fro",
    tags: [0, 0xffff_ffff, 0, 0x8000_0000, 0x7fff_ffff, 1, 2 ** 31 + 5, 40].flatMap((ms) => [
      tag("video", CONFIG, ms),
      tag("video", KEY, ms),
      tag("audio", SOUND, 0xffff_ffff - ms),
    ]),
  },
  {
    name: "composition times beyond all bounds",
    tags: [
      tag("video", CONFIG),
      ...["7fffff", "800000", "ffffff"].map((time) => tag("video", `17 01 ${time} 00000001 65`)),
    ],
  },
  {
    name: "1,000 different configurations",
    tags: Array.from({ length: 1000 }, (_, i) => [
      tag("video", concat([CONFIG, Uint8Array.of(i, i >> 8)]), i),
      tag("video", KEY, i),
      tag("audio", Uint8Array.of(0xaf, 0, i, i >> 8), i),
    ]).flat(),
  },
];

/** Publishes something odd and then something sound; fails unless a player of each protocol gets the latter. */
async function assertPasses(server: TestServer, publishing: TransportUnderTest, tags: readonly Tag[]): Promise<void> {
  const publisher = await publishing.publish(server, "live/odd");
  publisher.write(tags);
  const maker = new StreamMaker({ startMs: 60_000 });
  const good = [...maker.head(), ...maker.gop()];
  publisher.write(good);
  const [last] = packetsOf(good.slice(-1));
  await server.received("live/odd", last);
  for (const playing of TRANSPORTS) {
    await using player = await playing.play(server, "live/odd");
    await player.until(hasBodyOf(last));
  }
  const response = await server.server.request("/api/v1/live");
  assertEquals(response.status, 200);
  const { streams } = await response.json();
  assert(streams.some(({ name }: { name: string }) => name === "odd"), JSON.stringify(streams));
  await publisher.end();
  await server.event("stream:end");
  server.told.length = 0;
}

for (const publishing of TRANSPORTS) {
  Deno.test(`${publishing.name}: whatever is published passes or is left out, and what follows passes`, async () => {
    await using server = await TestServer.start({ plugins: [pages()] });
    await using bystanders = await Bystanders.start(server);
    for (const { name, tags } of STREAMS) {
      await assertPasses(server, publishing, tags).catch((cause) => Promise.reject(new Error(name, { cause })));
      await bystanders.pass(500);
    }
    await bystanders.assertUnharmed();
  });
}

Deno.test("metadata of 10 MB and configurations of 5 MB pass, and are kept for nobody", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using publisher = await rtmpTransport.publish(server, "live/odd");
  publisher.write([...new StreamMaker().head(), tag("video", KEY)]);
  await using player = await rtmpTransport.play(server, "live/odd");
  const large = [
    tag("data", concat([encodeAmf0("onMetaData"), nested(3), new Uint8Array(10_000_000)])),
    tag("video", concat([CONFIG, new Uint8Array(5_000_000)])),
    tag("audio", concat([bytes("af 00 1190"), new Uint8Array(5_000_000)])),
  ];
  for (const each of large) {
    publisher.write([each]);
    await player.until(hasBodyOf(each));
    await bystanders.goOn();
  }
  const { tracks = [] } = server.server.streams.get("live/odd") ?? {};
  assertEquals(tracks.map(({ kind, config, metadata }) => [kind, config, metadata]), [
    ["data", undefined, undefined],
    ["video", undefined, undefined],
    ["audio", undefined, undefined],
  ]);
  await publisher.end();
  await player.over();
  await bystanders.assertUnharmed();
});

Deno.test("30,000 tiny key frames under large metadata reach every player", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using publisher = await wsFlvTransport.publish(server, "live/odd");
  const maker = new StreamMaker({ gopPictures: 1, keyBytes: 4, audio: null });
  const first = maker.gop();
  publisher.write([maker.metadata({ filler: "x".repeat(60_000) }), ...maker.head().slice(1), ...first]);
  await using player = await httpFlvTransport.play(server, "live/odd");
  await player.until(hasBodyOf(first[0]));
  const keys = maker.gops(30_000);
  for (let i = 0; i < keys.length; i += 1000) publisher.write(keys.slice(i, i + 1000));
  await bystanders.goOn();
  await player.until(hasBodyOf(keys[keys.length - 1]));
  assertSamePackets(frames(player.packets), packetsOf([...first, ...keys]));
  await publisher.end();
  await player.over();
  await bystanders.assertUnharmed();
});
