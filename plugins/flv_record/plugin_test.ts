import { LOCK_FILE } from "../../kernel/files/data_lock.ts";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { assertSamePackets, frames } from "../../tests/support/packets.ts";
import { packetsOf, type Recipe, StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import {
  av1,
  hevc,
  mp3,
  multitrack,
  opus,
  scriptBody,
  unknownAudio,
  unknownFourCc,
  unknownVideo,
} from "../../tests/support/test_bodies.ts";
import { entriesOf, recorded, stage } from "./testing.ts";

const AAC_MS = 1024 / 48;

/** Another time, the same packet. */
function shifted(packet: MediaPacket, micros: number): MediaPacket {
  return { ...packet, dts: packet.dts + micros, pts: packet.pts + micros };
}

const STREAMS: readonly { name: string; recipe: Recipe; flags: [boolean, boolean]; soundMs?: number }[] = [
  { name: "H.264 with B-frames and AAC", recipe: {}, flags: [true, true] },
  { name: "sound alone", recipe: { video: null }, flags: [true, false] },
  {
    name: "sound alone that needs no configuration",
    recipe: { video: null, audio: mp3 },
    flags: [true, false],
    soundMs: 24,
  },
  { name: "pictures alone", recipe: { audio: null }, flags: [false, true] },
  { name: "H.265 and Opus", recipe: { video: hevc, audio: opus }, flags: [true, true], soundMs: 20 },
  { name: "AV1", recipe: { video: av1, audio: null }, flags: [false, true] },
  { name: "two video tracks", recipe: { video: multitrack }, flags: [true, true] },
  {
    name: "codecs that nobody knows",
    recipe: { video: unknownVideo, audio: unknownAudio },
    flags: [true, true],
    soundMs: 20,
  },
  { name: "an unknown FourCC", recipe: { video: unknownFourCc }, flags: [true, true] },
  { name: "a stream without metadata", recipe: { metadata: false }, flags: [true, true] },
];

for (const { name, recipe, flags, soundMs = AAC_MS } of STREAMS) {
  Deno.test(`a recording has every packet, its exact length and an index: ${name}`, async () => {
    await using studio = await stage();
    const maker = new StreamMaker(recipe);
    const tags = [...maker.head(), ...maker.gops(5)];
    const recording = await studio.record("live/cam", tags);
    assertSamePackets(recording.packets, recorded(tags));
    const { hasAudio, hasVideo } = recording.flags;
    assertEquals([hasAudio, hasVideo], flags);
    const { properties } = recording;
    assertEquals([properties.hasAudio, properties.hasVideo, properties.hasKeyframes], [...flags, true]);
    const ends = frames(recording.packets).map(({ kind, pts }) => pts / 1000 + (kind === "video" ? 40 : soundMs));
    const seconds = Math.max(...ends) / 1000;
    assert(Math.abs(Number(properties.duration) - seconds) <= 0.001, `${properties.duration} is not ${seconds}`);
    const told = await studio.event("artifact:complete");
    assertEquals(told, {
      stream: "live/cam",
      by: "flv-record",
      path: "flv/live/cam/20260101_000000.flv",
      bytes: properties.filesize as number,
      seconds: properties.duration as number,
    });
    assertEquals(recording.size, told.bytes);
    const [header, ...entries] = entriesOf(recording);
    const first = recording.packetAt.get(header.position);
    assertEquals([first?.kind, first?.role === "delta"], [hasVideo ? "video" : "audio", false]);
    for (const { time, position } of entries) {
      const entry = recording.packetAt.get(position);
      assertEquals([entry?.role, (entry?.dts ?? NaN) / 1_000_000], [hasVideo ? "key" : "frame", time]);
    }
    if (hasVideo) assertEquals(entries.map(({ time }) => time), [0, 0.4, 0.8, 1.2, 1.6]);
  });
}

Deno.test("time begins at 0 with the earliest track, and all keep their distance", async () => {
  await using studio = await stage();
  const pictures = new StreamMaker({ audio: null, startMs: 3000 });
  const sounds = new StreamMaker({ video: null, startMs: 2940 });
  const [key, ...others] = pictures.gop();
  const tags = [...pictures.head(), ...sounds.audioConfig(), key, ...sounds.gop(), ...others];
  const { packets } = await studio.record("live/cam", tags);
  const expected = frames(packetsOf(tags)).map((packet) => shifted(packet, -2_940_000));
  assertSamePackets(frames(packets), expected);
  assertEquals(packets.filter(({ role }) => role === "config").map(({ dts }) => dts), [60_000, 0]);
});

Deno.test("another configuration in the middle stays in the file, and describes what follows alone", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(2), ...maker.changeVideo(), ...maker.gops(2)];
  const recording = await studio.record("live/cam", tags);
  assertSamePackets(recording.packets, recorded(tags));
  assertEquals(recording.properties.width, 322);
  assertEquals(entriesOf(recording).map(({ time }) => time), [0, 0, 0.4, 0.8, 1.2]);
});

Deno.test("what a publisher says of a file of its own does not count, at the beginning or later", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  const metadata = (words: string) => maker.metadata({ duration: 99, filesize: 99, words });
  const [, ...configs] = maker.head();
  const again = metadata("later");
  const tags = [
    metadata("first"),
    ...configs,
    ...maker.gop(),
    metadata("first"),
    ...maker.gop(),
    again,
    ...maker.gop(),
  ];
  const { packets, properties } = await studio.record("live/cam", tags);
  assertEquals([properties.words, properties.duration], ["first", 1.24]);
  const later = packets.filter(({ kind }) => kind === "data");
  assertEquals(later.length, 1);
  const text = new TextDecoder().decode(later[0].body);
  assertMatch(text, /later/);
  assert(!/duration|filesize/.test(text));
});

Deno.test("scripts are recorded as they are", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  const text = (words: string): Tag => maker.script("onTextData", { words });
  const tags = [...maker.head(), text("first"), ...maker.gop(), text("second"), ...maker.gop(), text("last")];
  const { packets } = await studio.record("live/cam", tags);
  assertEquals(
    packets.filter(({ kind }) => kind === "data").map(({ body }) => body),
    ["first", "second", "last"].map((words) => scriptBody("onTextData", { words })),
  );
});

Deno.test("a stream that has nothing to play leaves no file", async () => {
  await using studio = await stage();
  await using publisher = await studio.publish("live/cam");
  publisher.write(new StreamMaker().head());
  await publisher.end();
  await studio.event("stream:end");
  await eventually(() => studio.control.runs.length === 0, "it is still written");
  await studio.server.server.close();
  assertEquals(studio.completed, []);
  assertEquals(await Array.fromAsync(Deno.readDir(studio.folder), ({ name }) => name), [LOCK_FILE]);
});

Deno.test("what cannot be decoded at the beginning is left out", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  const head = maker.head();
  const middle = maker.gop().slice(1);
  const whole = maker.gop();
  const { packets } = await studio.record("live/cam", [...head, ...middle, ...whole]);
  const expected = packetsOf([...head, ...middle.filter(({ kind }) => kind === "audio"), ...whole]);
  assertEquals(packets.map(({ body }) => body), expected.filter(({ kind }) => kind !== "data").map(({ body }) => body));
});

Deno.test("a publisher that returns within its grace goes on in the same recording", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  const first = [...maker.head(), ...maker.gops(2)];
  const publisher = await studio.publish("live/cam");
  publisher.write(first);
  await studio.server.received("live/cam", first.at(-1)!);
  await publisher.vanish();
  await studio.event("stream:interrupt");
  const again = new StreamMaker({ startMs: 70_000, seed: 1 });
  const second = [...again.head(), ...again.gops(2)];
  const recording = await studio.record("live/cam", second);
  assertEquals(studio.completed.length, 1);
  assertSamePackets(recording.packets, recorded([...first, ...second]), { times: false });
  const times = frames(recording.packets).filter(({ kind }) => kind === "video").map(({ dts }) => dts / 1000);
  assertEquals(times.length, 40);
  assert(times.every((ms, i) => i === 0 || ms > times[i - 1] && ms <= times[i - 1] + 80), `${times}`);
});

Deno.test("a publisher that takes over goes on in the same recording", async () => {
  await using studio = await stage({ config: { republish: "takeover" } });
  const maker = new StreamMaker();
  const first = [...maker.head(), ...maker.gops(2)];
  await using publisher = await studio.publish("live/cam");
  publisher.write(first);
  await studio.server.received("live/cam", first.at(-1)!);
  const again = new StreamMaker({ seed: 1 });
  const second = [...again.head(), ...again.gops(2)];
  const recording = await studio.record("live/cam", second);
  assertSamePackets(recording.packets, recorded([...first, ...second]), { times: false });
});

Deno.test("a stream that is published again is another recording, and the newest", async () => {
  await using studio = await stage();
  const [one, two] = [new StreamMaker(), new StreamMaker({ seed: 1 })].map((
    maker,
  ) => [...maker.head(), ...maker.gop()]);
  await studio.record("live/cam", one);
  const first = await Deno.readFile(studio.at(studio.completed[0]));
  studio.server.clock.advance(61_000);
  await studio.record("live/cam", two);
  assertEquals(studio.completed, ["flv/live/cam/20260101_000000.flv", "flv/live/cam/20260101_000101.flv"]);
  assertEquals(await studio.files(), [...studio.completed, "flv/live/cam/index.flv"]);
  assertEquals(await Deno.readFile(studio.at(studio.completed[0])), first);
  assertSamePackets((await studio.recording("flv/live/cam/index.flv")).packets, recorded(two));
  assertEquals(await studio.marks(), []);
});

Deno.test("recordings that begin in the same second have names of their own, and nothing is overwritten", async () => {
  await using studio = await stage();
  await Deno.mkdir(studio.at("flv/live/cam"), { recursive: true });
  await Deno.writeTextFile(studio.at("flv/live/cam/20260101_000000-2.flv"), "something else");
  const takes = [0, 1, 2].map((seed) => new StreamMaker({ seed })).map((maker) => [...maker.head(), ...maker.gop()]);
  for (const tags of takes) assertSamePackets((await studio.record("live/cam", tags)).packets, recorded(tags));
  assertEquals(studio.completed.map((path) => path.slice(-8)), ["0000.flv", "00-3.flv", "00-4.flv"]);
  assertEquals(await Deno.readTextFile(studio.at("flv/live/cam/20260101_000000-2.flv")), "something else");
});

Deno.test("the recording that is running is the newest, and whole up to what came a second ago", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  await using publisher = await studio.publish("live/cam");
  const first = [...maker.head(), ...maker.gop()];
  publisher.write(first);
  const { path } = await studio.event("artifact:open");
  assertEquals(path, "flv/live/cam/20260101_000000.flv");
  const expected = recorded(first);
  const recording = await studio.saved("live/cam", expected.length);
  assertSamePackets(recording.packets, expected);
  assertEquals([recording.flags.hasAudio, recording.flags.hasVideo], [true, true]);
  assertEquals([recording.properties.duration, recording.properties.width], [undefined, 322]);
});

Deno.test("streams are recorded as the settings say, and as somebody says while they run", async () => {
  await using studio = await stage({ settings: { streams: ["live/*", "!live/private*"] } });
  const maker = new StreamMaker();
  const head = maker.head();
  const [first, second, third] = [maker.gop(), maker.gop(), maker.gop()];
  await using publisher = await studio.publish("live/private");
  publisher.write([...head, ...first]);
  await studio.server.received("live/private", first.at(-1)!);
  assertEquals(studio.control.runs, []);
  studio.control.start("live/private");
  publisher.write(second);
  await studio.saved("live/private", recorded([...head, ...first, ...second]).length);
  await studio.control.stop("live/private");
  publisher.write(third);
  await studio.server.received("live/private", third.at(-1)!);
  await publisher.end();
  const [recording] = await studio.recordings(1);
  assertSamePackets(frames(recording.packets), frames(packetsOf([...first, ...second])), { times: false });
  assertEquals(recording.packets.filter(({ role }) => role === "config").length, 2);
  assertStrictEquals(recording.properties.encoder, "stream maker");
});

Deno.test("a server that stops completes its recordings", async () => {
  await using studio = await stage();
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(3)];
  const publishers = await Promise.all(["live/a", "live/b"].map((path) => studio.publish(path)));
  for (const publisher of publishers) publisher.write(tags);
  for (const path of ["live/a", "live/b"]) await studio.server.received(path, tags.at(-1)!);
  await studio.server.server.close();
  for (const { packets, properties } of await studio.recordings(2)) {
    assertSamePackets(packets, recorded(tags));
    assertEquals(properties.duration, 1.24);
  }
  assertEquals(await studio.marks(), []);
  for (const publisher of publishers) await publisher[Symbol.asyncDispose]();
});

Deno.test("recordings go where the template says, the newest where its address is", async () => {
  const path = "flv/films/{app}_{stream}/{session}/{seq}.flv";
  await using studio = await stage({ settings: { path } });
  const maker = new StreamMaker();
  await studio.record("live/cam", [...maker.head(), ...maker.gop()]);
  const [film, newest] = await studio.files();
  assertMatch(film, /^flv\/films\/live_cam\/\w+\/1\.flv$/);
  assertEquals(newest, "flv/live/cam/index.flv");
});

Deno.test("streams of other hosts have folders of their own", async () => {
  await using studio = await stage({ settings: { streams: ["*", "a.example:*"] } });
  const maker = new StreamMaker();
  await using publisher = await studio.publish("live/cam", { vhost: "a.example" });
  publisher.write([...maker.head(), ...maker.gop()]);
  await publisher.end();
  assertEquals((await studio.event("artifact:complete")).stream, "a.example:live/cam");
  assertEquals(await studio.files(), [
    "flv/a.example/live/cam/20260101_000000.flv",
    "flv/a.example/live/cam/index.flv",
  ]);
});

Deno.test("a recording that begins where no key is kept waits for one", async () => {
  await using studio = await stage({
    settings: { streams: [] },
    config: { buffer: { bytes: 2 ** 20, seconds: 10 } },
  });
  const heavy = new StreamMaker({ keyBytes: 400_000, gopPictures: 30 });
  const [head, first] = [heavy.head(), heavy.gop()];
  const second = new StreamMaker({ startMs: heavy.ms, seed: 1 }).gop();
  await using publisher = await studio.publish("live/cam");
  publisher.write([...head, ...first.slice(0, -3)]);
  const received = () => studio.server.server.streams.get("live/cam")?.toJSON().packets;
  await eventually(() => received() === head.length + first.length - 3, "the packets did not arrive");
  studio.control.start("live/cam");
  publisher.write([...first.slice(-3), ...second]);
  await publisher.end();
  const [{ packets }] = await studio.recordings(1);
  const pictures = packets.filter(({ kind, role }) => kind === "video" && role !== "config");
  assertSamePackets(pictures, frames(packetsOf(second)).filter(({ kind }) => kind === "video"), { times: false });
});
