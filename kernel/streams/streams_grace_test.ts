import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Closed } from "../reasons.ts";
import { House, reader, write } from "../testing/house.ts";
import { payloads } from "../testing/packets.ts";

Deno.test("a publisher that vanishes and returns: the stream goes on for those who stayed", async () => {
  const house = new House();
  const first = await house.publish();
  write(first, "V0 A0 K0 d40");
  const read = reader(await house.play());
  read();
  house.takeTold();
  first[Symbol.dispose]();
  assertEquals(first.stream.state, "interrupted");
  house.clock.advance(4999);
  const second = await house.publish();
  assertStrictEquals(second.stream, first.stream);
  write(second, "V0 A0 d0 K40 a40");
  assertEquals([second.stream.state, read()], ["live", "V A K40 a40"]);
  house.clock.advance(60_000);
  second.end();
  assertEquals(house.told.filter((event) => !event.includes("config")), [
    "stream:interrupt live/cam left",
    "stream:resume live/cam",
    "stream:interrupt live/cam idle",
    "stream:end live/cam stream-ended",
  ]);
});

Deno.test("a publisher that returns begins anew: its tracks, its key, its clock", async () => {
  const house = new House();
  const first = await house.publish();
  const { stream } = first;
  write(first, "V0 A0 K0 a0 d40");
  first[Symbol.dispose]();
  const second = await house.publish();
  assertEquals([stream.hasVideo, stream.hasAudio, stream.tracks.length], [false, false, 0]);
  const sink = stream.packets();
  const read = reader(await house.play());
  write(second, "V80 K80 d120");
  assertEquals(read(), "<V>K80 d120");
  assertEquals([stream.hasVideo, stream.hasAudio], [true, false]);
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "V K80 d120");
  assertEquals(heard.map(({ discontinuity }) => discontinuity === true), [false, true, false]);
  second.end();
});

Deno.test("a publisher that does not return within the grace time ends the stream", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  const { stream } = publication;
  publication[Symbol.dispose]();
  house.clock.advance(4999);
  assertEquals([stream.state, stream.signal.aborted], ["interrupted", false]);
  house.clock.advance(1);
  assertEquals([stream.state, Closed.of(stream.signal).reason], ["ended", "stream-ended"]);
  assertEquals(house.told.slice(-2), ["stream:interrupt live/cam left", "stream:end live/cam stream-ended"]);
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("the end of a publisher's session is why its stream is interrupted", async () => {
  const house = new House();
  const session = house.session();
  const publication = await house.publish("cam", session);
  session.close("kicked");
  assertEquals(Closed.of(publication.signal).reason, "kicked");
  assertEquals(house.told.at(-1), "stream:interrupt live/cam kicked");
  house.streams.close();
});

Deno.test("a publisher that finished is not interrupted when its session ends", async () => {
  const house = new House();
  const session = house.session();
  const publication = await house.publish("cam", session);
  publication.end();
  session.close("left");
  assertEquals(house.told, ["stream:start live/cam", "stream:end live/cam stream-ended"]);
});

Deno.test("a publisher that sends nothing is taken for gone, and hears it", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  house.clock.advance(9000);
  write(publication, "d40");
  house.clock.advance(9000);
  assertEquals(publication.signal.aborted, false);
  house.clock.advance(1000);
  const { reason, message } = Closed.of(publication.signal);
  assertEquals([reason, message], ["idle", "the publisher sent nothing for 10 s"]);
  assertEquals(house.told.at(-1), "stream:interrupt live/cam idle");
  house.clock.advance(5000);
  assertEquals([house.told.at(-1), house.clock.pending], ["stream:end live/cam stream-ended", 0]);
});

Deno.test("without grace a publisher that vanishes ends its stream at the next moment", async () => {
  const house = new House({ graceSeconds: 0 });
  const publication = await house.publish();
  publication[Symbol.dispose]();
  house.clock.advance(0);
  assertEquals(publication.stream.state, "ended");
});

Deno.test("after a stream has ended its name begins a new one", async () => {
  const house = new House();
  const first = await house.publish();
  first.end();
  const second = await house.publish();
  assert(second.stream !== first.stream);
  assertEquals(house.told.slice(-2), ["stream:end live/cam stream-ended", "stream:start live/cam"]);
  second.end();
});
