import { assert, assertEquals } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { assertDecodable, assertSamePackets, frames } from "../../tests/support/packets.ts";
import { packetsOf, type Recipe, StreamMaker } from "../../tests/support/stream_maker.ts";
import { multitrack } from "../../tests/support/test_bodies.ts";
import { entriesOf, type SeenRecording, stage } from "./testing.ts";

/** A recording's frames at the times of the stream, given when its first frame was due there. */
function framesAt({ packets }: SeenRecording, startMicros: number): MediaPacket[] {
  return frames(packets).map((packet) => ({
    ...packet,
    dts: packet.dts + startMicros,
    pts: packet.pts + startMicros,
  }));
}

/** Fails unless recordings together have all frames of a stream, each at its time, and each begins with its configurations. */
function assertParts(parts: readonly SeenRecording[], expected: readonly MediaPacket[], configs: number): void {
  let done = 0;
  for (const part of parts) {
    const firstFrame = part.packets.findIndex(({ role }) => role === "key" || role === "frame");
    const roles = part.packets.slice(0, firstFrame).map(({ role }) => role);
    assertEquals(roles.filter((role) => role === "config").length, configs);
    assertEquals(Math.min(...frames(part.packets).map(({ dts }) => dts)), 0);
    const count = frames(part.packets).length;
    const own = expected.slice(done, done + count);
    assertSamePackets(framesAt(part, Math.min(...own.map(({ dts }) => dts))), own);
    assertDecodable(part.packets);
    assertEquals(part.properties.filesize, part.size);
    for (const { position } of entriesOf(part)) assert(part.packetAt.has(position));
    done += count;
  }
  assertEquals(done, expected.length);
}

const SPLITS: readonly {
  name: string;
  recipe: Recipe;
  settings: { splitSeconds?: number; splitMegabytes?: number };
  configs: number;
}[] = [
  { name: "after so many seconds", recipe: {}, settings: { splitSeconds: 1 }, configs: 2 },
  { name: "at a key after an odd time", recipe: {}, settings: { splitSeconds: 0.81 }, configs: 2 },
  {
    name: "after so many bytes",
    recipe: { keyBytes: 50_000 },
    settings: { splitMegabytes: 0.3 },
    configs: 2,
  },
  {
    name: "with sound alone, anywhere",
    recipe: { video: null },
    settings: { splitSeconds: 1.1 },
    configs: 1,
  },
  {
    name: "with two video tracks",
    recipe: { video: multitrack },
    settings: { splitSeconds: 1 },
    configs: 3,
  },
];

for (const { name, recipe, settings, configs } of SPLITS) {
  Deno.test(`a new file begins ${name}, and nothing is lost between two`, async () => {
    await using studio = await stage({ settings });
    const maker = new StreamMaker(recipe);
    const tags = [...maker.head(), ...maker.gops(10)];
    await using publisher = await studio.publish("live/cam");
    publisher.write(tags);
    await publisher.end();
    await studio.event("stream:end");
    const recordings = await studio.recordings(4);
    assertParts(recordings, frames(packetsOf(tags)), configs);
    const names = studio.completed.map((path) => path.slice("flv/live/cam/20260101_".length));
    assertEquals(names, ["000000.flv", "000000-2.flv", "000000-3.flv", "000000-4.flv"]);
    assertEquals(recordings[1].properties.encoder, "stream maker");
  });
}

Deno.test("sound that lags behind its picture opens the next file with it", async () => {
  await using studio = await stage({ settings: { splitSeconds: 1 } });
  const [pictures, sounds] = [new StreamMaker({ audio: null }), new StreamMaker({ video: null })];
  const late = 3;
  const [gops, tones] = [
    Array.from({ length: 6 }, () => pictures.gop()),
    Array.from({ length: 6 }, () => sounds.gop()),
  ];
  const held = [
    tones[0].slice(0, -late),
    ...tones.slice(1).map((tone, i) => [...tones[i].slice(-late), ...tone.slice(0, -late)]),
  ];
  const tags = [...pictures.head(), ...sounds.audioConfig(), ...gops.flatMap((gop, i) => [...gop, ...held[i]])];
  await using publisher = await studio.publish("live/cam");
  publisher.write(tags);
  await publisher.end();
  assertParts(await studio.recordings(2), frames(packetsOf(tags)), 2);
});

Deno.test("a configuration that has changed is the one that later files begin with", async () => {
  await using studio = await stage({ settings: { splitSeconds: 0.8 } });
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gop(), ...maker.changeVideo(), ...maker.gops(3)];
  await using publisher = await studio.publish("live/cam");
  publisher.write(tags);
  await publisher.end();
  const [first, second] = await studio.recordings(2);
  assertEquals([first.properties.width, second.properties.width], [322, 642]);
});

Deno.test("when pictures stay away, sound alone begins new files, and the next key another", async () => {
  await using studio = await stage({ settings: { splitSeconds: 5 } });
  const [pictures, sounds] = [new StreamMaker({ audio: null }), new StreamMaker({ video: null })];
  const first = pictures.gop();
  const tones = sounds.gops(50);
  pictures.jumpTo(sounds.ms);
  const last = [...pictures.gop(), ...sounds.gop()];
  const tags = [...pictures.head(), ...sounds.audioConfig(), ...first, ...tones, ...last];
  await using publisher = await studio.publish("live/cam");
  publisher.write(tags);
  await publisher.end();
  await eventually(() => studio.control.runs.length === 0, "it is still written");
  const recordings = await studio.recordings(3);
  assertEquals(recordings.map(({ properties }) => Math.round(Number(properties.duration))), [10, 5, 5]);
  assertParts(recordings, frames(packetsOf(tags)), 2);
});
