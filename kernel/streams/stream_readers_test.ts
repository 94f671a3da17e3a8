import { assert, assertEquals } from "@std/assert";
import type { Format } from "../../media/format.ts";
import { LINGER_MS } from "../fanout/rendition.ts";
import { House, reader, write } from "../testing/house.ts";
import { payloads } from "../testing/packets.ts";
import { readText, textFormat } from "../testing/text_format.ts";
import { settled } from "../testing/settled.ts";

Deno.test("a configuration that changes reaches those who play before what needs it, and newcomers in their init", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0=one A0 K0 d40");
  const early = reader(await house.play());
  const sink = (await house.play()).packets();
  assertEquals(early(), "<one A>K0 d40");
  write(publication, "V80=two K80 d120");
  assertEquals(early(), "two K80 d120");
  const late = await house.play();
  assertEquals(reader(late)(), "<two A>K80 d120");
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "one A K0 d40 two K80 d120");
  publication.end();
  assertEquals(house.told.filter((event) => event.includes("config")).length, 3);
});

Deno.test("after a new video configuration newcomers wait for its key", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0=one K0 d40 V80=two");
  const read = reader(await house.play());
  const packets = (await house.play()).packets();
  assertEquals(read(), "");
  write(publication, "K80");
  assertEquals(read(), "<two>K80");
  const heard = [];
  for (let packet = packets.next(); packet; packet = packets.next()) heard.push(packet);
  assertEquals(payloads(heard), "two K80");
  publication.end();
});

Deno.test("a newcomer never gets a sound's new configuration in front of the old sound", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 A0=one K0 a0 a20 A40=two a40");
  const heard = [];
  const sink = publication.stream.packets();
  write(publication, "K80 a80");
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  const text = payloads(heard);
  const play = reader(await house.play())();
  assert(!/two.*(a0|a20)/.test(text), text);
  assertEquals(play, "<V two>K80 a80");
  publication.end();
});

Deno.test("the same configuration again is passed on and not told again", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 m0 K0 V40 m40 K40");
  const read = reader(await house.play());
  assertEquals(read(), "<V>K40");
  publication.end();
  assertEquals(house.told.filter((event) => /config|metadata/.test(event)), [
    "stream:config live/cam",
    "stream:metadata live/cam",
  ]);
});

Deno.test("packets begin with metadata and configurations, stamped with the entry's time", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "m0 V0 A0 K0 d40 K80 a80");
  const sink = publication.stream.packets();
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "m V A K80 a80");
  assertEquals(heard.map(({ dts }) => dts / 1000), [80, 80, 80, 80, 80]);
  publication.end();
});

Deno.test("a stream of sound alone can be entered once a second", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "A0 " + Array.from({ length: 120 }, (_, i) => `a${i * 20}`).join(" "));
  const read = reader(await house.play());
  const text = read();
  assertEquals(text.startsWith("<A>a2000 a2020 "), true, text);
  assertEquals(text.endsWith("a2380"), true);
  publication.end();
});

Deno.test("new formats are opened from what is there, and closed a little after their last reader", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0 d40");
  const { stream } = publication;
  const before = stream.size;
  const [one, two] = await Promise.all([house.play(), house.play()]);
  const [readOne, readTwo] = [reader(one), reader(two)];
  assertEquals([readOne(), readTwo()], ["<V>K0 d40", "<V>K0 d40"]);
  assert(stream.size > before);
  one[Symbol.dispose]();
  write(publication, "d80");
  assertEquals(readTwo(), "d80");
  two[Symbol.dispose]();
  house.clock.advance(LINGER_MS);
  assertEquals(stream.size, before + 203);
  assertEquals(house.flusher.readers, 0);
  publication.end();
});

Deno.test("a format that fails is no concern of the publisher, nor of those who read another", async () => {
  const house = new House();
  const publication = await house.publish();
  const broken = textFormat("broken");
  const failing: Format = {
    ...broken,
    open: (source) => ({
      ...broken.open(source),
      write() {
        throw new RangeError("too much");
      },
    }),
  };
  const good = reader(await house.play());
  const playback = await house.play();
  const bad = playback.read(failing);
  write(publication, "V0 K0 d40");
  assertEquals([good(), bad.next(), bad.ended?.reason], ["<V>K0 d40", undefined, "error"]);
  assertEquals([publication.signal.aborted, publication.stream.state], [false, "live"]);
  assertEquals(house.logged.lines().at(-1), "error Cannot send live/cam as broken: too much");
  playback[Symbol.dispose]();
  const later = (await house.play()).read(broken);
  assertEquals(readText(later), "<V>K0 d40 ", "the next reader tries anew");
  publication.end();
});

Deno.test("whoever waits for a stream's tracks goes on when they are known, after a moment, or when it ends", async () => {
  const house = new House();
  const known: string[] = [];
  for (const [name, sent] of [["both", "V0 A0"], ["silent", "V0"], ["nothing", ""], ["vanished", ""]]) {
    const publication = await house.publish(name);
    void publication.stream.probed.then(() => known.push(name));
    write(publication, sent);
    if (name === "vanished") publication.end();
  }
  await settled();
  assertEquals(known.sort(), ["both", "vanished"]);
  await house.clock.advanceAsync(800);
  assertEquals(known, ["both", "vanished", "silent"]);
  house.streams.close();
  await settled();
  assertEquals(known.at(-1), "nothing");
});
