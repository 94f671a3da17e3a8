import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Closed, Refusal } from "../reasons.ts";
import { keyOf, write } from "../testing/house.ts";
import { packet, payloads } from "../testing/packets.ts";
import { textFormat } from "../testing/text_format.ts";
import { all, Stage } from "./testing.ts";

Deno.test("a session of a worker has the id of its counterpart, and both end when either does", async () => {
  using stage = new Stage();
  const [one, other] = [await stage.session(), await stage.session()];
  const [first, second] = [...stage.house.sessions];
  assertEquals([one.id, other.id], [first.id, second.id]);
  first.close("kicked", "the operator says so");
  other.bytesIn = 70;
  other.close("left");
  await stage.settle();
  assertEquals([one.closed?.reason, one.closed?.message], ["kicked", "the operator says so"]);
  assertEquals([second.closed?.reason, second.bytesIn], ["left", 70]);
});

Deno.test("who is refused in the main isolate is refused in the worker, in the same words", async () => {
  using stage = new Stage();
  const opening = stage.mainSide.sessions.open({ protocol: "rtmp", remote: "nobody" });
  const refusal = await assertRejects(() => stage.settle(opening), Refusal, "Nobody is let in");
  assertEquals(refusal.code, "denied");
  const playing = stage.mainSide.play(await stage.session(), { ...keyOf("cam"), name: "c.am" });
  assertEquals((await assertRejects(() => stage.settle(playing), Refusal)).code, "bad-name");
});

Deno.test("what is published in a worker is published in the main isolate, and ends as the publisher says", async () => {
  using stage = new Stage();
  const { publication } = await stage.publish();
  const packets = stage.main.packets();
  write(publication, "m0 V0 A0 K0 d40 a41");
  await stage.settle();
  assertEquals(payloads(all(packets)), "m V A K0 d40 a41");
  write(publication, "d80");
  publication.end();
  await stage.settle();
  assertEquals(payloads(all(packets)), "d80");
  assertEquals(packets.ended?.reason, "stream-ended");
});

Deno.test("a publisher that vanishes leaves its stream interrupted, and everything that it had sent arrives", async () => {
  using stage = new Stage();
  const { session, publication } = await stage.publish();
  const packets = stage.main.packets();
  publication.write(packet("K0"));
  session.close("left");
  await stage.settle();
  assertEquals(stage.main.state, "interrupted");
  assertEquals(payloads(all(packets)), "K0");
  assertEquals(Closed.of(publication.signal).reason, "left");
});

Deno.test("streams are interrupted and playbacks end for the reason for which their sessions end in the worker", async () => {
  using stage = new Stage();
  const ends: string[] = [];
  stage.house.hooks.on("stream:interrupt", ({ reason }) => void ends.push(reason), "test", 0);
  stage.house.hooks.on("play:end", ({ detail }) => void ends.push(detail), "test", 0);
  const { session, publication } = await stage.publish();
  write(publication, "V0 K0");
  await stage.settle();
  const player = await stage.play();
  player.session.close("idle", "the player took nothing for 20 s");
  session.close("protocol-error", "what it sends is no FLV");
  await stage.settle();
  assertEquals(ends, ["the player took nothing for 20 s", "protocol-error"]);
});

Deno.test("a publication that is taken over ends in its worker with the reason", async () => {
  using stage = new Stage();
  const { publication } = await stage.publish();
  const { publication: next } = await stage.publish();
  assertEquals(Closed.of(publication.signal).reason, "replaced");
  assertEquals(next.signal.aborted, false);
});

Deno.test("whether a publisher is still there is known when it ends, or has not done so within a moment", async () => {
  using stage = new Stage();
  const { session } = await stage.publish();
  const words: string[] = [];
  const ask = (stream: string) =>
    void stage.link.ending(stream).then(() => words.push(`${stream}: ${stage.main.state}`));
  ask("live/other");
  ask("live/cam");
  await stage.settle();
  assertEquals(words, ["live/other: live"]);
  await stage.pass(1000);
  await stage.pass(1000);
  assertEquals(words, ["live/other: live", "live/cam: live"]);
  ask("live/cam");
  await stage.settle();
  session.close("left");
  await stage.settle();
  assertEquals(words.at(-1), "live/cam: interrupted");
});

Deno.test("a worker that sees late what has become of a publisher says so, though the moment is over", async () => {
  using stage = new Stage();
  const { session } = await stage.publish();
  const states: string[] = [];
  stage.link.ending("live/cam").then(() => states.push(stage.main.state));
  await stage.settle();
  await stage.pass(300);
  session.close("left");
  await stage.settle();
  assertEquals(states, ["interrupted"]);
});

Deno.test("a publisher hears whether its stream is watched", async () => {
  using stage = new Stage();
  const { publication } = await stage.publish();
  write(publication, "V0 K0");
  await stage.settle();
  assertEquals(publication.stream.isWatched, false);
  using _reader = stage.main.packets();
  write(publication, "d40");
  await stage.settle();
  assertEquals(publication.stream.isWatched, true);
});

Deno.test("players of a worker enter at its copy's newest key, and read on", async () => {
  using stage = new Stage();
  const publication = await stage.house.publish();
  write(publication, "V0 A0 K0 d40 K80 d120");
  const early = await stage.play();
  assertEquals(early.take(), "V A K80 d120");
  write(publication, "d160 a165");
  await stage.settle();
  assertEquals(early.take(), "d160 a165");
  const late = await stage.play();
  assertEquals(late.take(), "V A K80 d120 d160 a165");
  assertEquals(stage.main.viewers, 2);
  early.session.close("left");
  await stage.settle();
  assertEquals(stage.main.viewers, 1);
});

Deno.test("who is sent away while a copy is on its way to it hears why", async () => {
  using stage = new Stage();
  write(await stage.house.publish(), "V0 K0");
  const session = await stage.session("http-flv");
  const sendAway = () => stage.sessions.at(-1)!.close("kicked", "go home");
  stage.house.hooks.on("play:start", sendAway, "test", 0);
  const playing = stage.settle(stage.mainSide.play(session, keyOf("cam")));
  assertEquals((await assertRejects(() => playing, Refusal, "go home")).code, "denied");
});

Deno.test("players of a new copy wait for each kind of tracks that its stream is known to have, and for no other", async () => {
  for (const [packets, sound] of [["V0 K0", false], ["a0 V20 K20", true]] as const) {
    using stage = new Stage();
    const publication = await stage.house.publish();
    write(publication, packets);
    stage.house.clock.advance(800);
    const { playback } = await stage.play();
    let isKnown = false;
    playback.stream.probed.then(() => isKnown = true);
    await stage.settle();
    assertEquals(isKnown, !sound);
    write(publication, "a40");
    await stage.settle();
    assertEquals([isKnown, playback.stream.hasAudio], [true, true]);
  }
});

Deno.test("a player that plays again and again leaves nothing behind at its session", async () => {
  using stage = new Stage();
  await stage.publish();
  const session = await stage.session();
  const main = stage.sessions.at(-1)!;
  const heard = new Set<unknown>();
  const [onClose, offClose] = [main.onClose.bind(main), main.offClose.bind(main)];
  main.onClose = (callback) => onClose((heard.add(callback), callback));
  main.offClose = (callback) => offClose((heard.delete(callback), callback));
  for (let times = 0; times < 3; times++) {
    const playback = await stage.settle(stage.mainSide.play(session, keyOf("cam")));
    assertEquals([heard.size > 0, stage.main.viewers], [true, 1]);
    playback[Symbol.dispose]();
    await stage.settle();
  }
  assertEquals([heard.size, stage.main.viewers], [0, 0]);
});

Deno.test("times are those of the main isolate's stream, however late a copy begins", async () => {
  using stage = new Stage();
  const publication = await stage.house.publish();
  write(publication, "V0 K0");
  write(publication, "K3600000");
  const { playback } = await stage.play();
  const packets = playback.packets();
  const [main] = [...all(stage.main.packets())].slice(-1);
  assertEquals([...all(packets)].at(-1)?.dts, main.dts);
});

Deno.test("a copy lives through another publisher, and ends with its stream, with the reason", async () => {
  using stage = new Stage();
  const publication = await stage.house.publish();
  write(publication, "V0 K0");
  const player = await stage.play();
  assertEquals(player.take(), "V K0");
  publication[Symbol.dispose]();
  write(await stage.house.publish(), "V0 d500 K540=new");
  await stage.settle();
  assertEquals(player.take(), "V new");
  stage.house.streams.stop("live/cam", "enough");
  await stage.settle();
  assertEquals(player.playback.stream.signal.aborted, true);
  assertEquals([Closed.of(player.playback.stream.signal).reason], ["kicked"]);
  assertMatch(Closed.of(player.playback.stream.signal).message, /enough/);
});

Deno.test("a worker that is far behind goes on at the newest key, and nothing piles up for it", async () => {
  using stage = new Stage();
  const publication = await stage.house.publish();
  write(publication, "V0 K0");
  await stage.play();
  const payload = "x".repeat(2 ** 16);
  for (let i = 1; i <= 300; i++) write(publication, `K${i * 40}=${payload}`);
  await stage.settle();
  const next = await stage.play();
  next.take();
  write(publication, "K13000 d13040");
  await stage.settle();
  assertEquals(next.take(), "V K13000 d13040");
});

Deno.test("a copy is let go some time after its last player, not at once", async () => {
  using stage = new Stage();
  write(await stage.house.publish(), "V0 K0");
  const { session } = await stage.play();
  session.close("left");
  await stage.settle();
  await stage.pass(1000);
  assertEquals(stage.main.isWatched, true);
  const again = await stage.play();
  await stage.pass(60_000);
  assertEquals(stage.main.isWatched, true);
  again.session.close("left");
  await stage.settle();
  await stage.pass(60_000);
  assertEquals([stage.main.isWatched, stage.mainSide.copies.streams.size], [false, 0]);
});

Deno.test("the main isolate sees how many bytes went through a worker until the last second", async () => {
  using stage = new Stage();
  write(await stage.house.publish(), "V0 K0");
  const { session, playback } = await stage.play();
  const [counterpart] = [...stage.house.sessions].slice(-1);
  session.bytesIn = 40;
  session.bytesOut = playback.bytes = 900;
  await stage.pass(1000);
  assertEquals([counterpart.bytesIn, counterpart.bytesOut], [40, 900]);
});

Deno.test("the end of a playback says all that was sent, and until the last second when the main isolate ends it", async () => {
  using stage = new Stage();
  const ends: [number, string][] = [];
  stage.house.hooks.on("play:end", ({ bytes, reason }) => void ends.push([bytes, reason]), "test", 0);
  write(await stage.house.publish(), "V0 K0");
  const [left, kicked, lost] = [await stage.play(), await stage.play(), await stage.play()];
  for (const [index, { playback }] of [left, kicked, lost].entries()) playback.bytes = 100 * (index + 1);
  left.session.close("left");
  await stage.settle();
  kicked.playback.bytes += 50;
  await stage.pass(1000);
  stage.sessions.at(-2)!.close("kicked");
  await stage.settle();
  stage.link.close(new Closed("error", "the worker failed"));
  await stage.settle();
  assertEquals(ends, [[100, "left"], [250, "kicked"], [300, "error"]]);
});

Deno.test("what a session has been sent is known when one of its playbacks begins and when it ends", async () => {
  using stage = new Stage();
  const told: [string, number][] = [];
  stage.house.hooks.on("play:start", ({ session }) => void told.push(["start", session.bytesOut]), "test", 0);
  stage.house.hooks.on("play:end", ({ session }) => void told.push(["end", session.bytesOut]), "test", 0);
  write(await stage.house.publish(), "V0 K0");
  const session = await stage.session();
  for (let times = 0; times < 2; times++) {
    session.bytesOut += 10;
    const playback = await stage.settle(stage.mainSide.play(session, keyOf("cam")));
    session.bytesOut += 900;
    playback[Symbol.dispose]();
    await stage.settle();
  }
  assertEquals(told, [["start", 10], ["end", 910], ["start", 920], ["end", 1820]]);
});

Deno.test("jumps of players are told once a second, and the last of them when they leave", async () => {
  using stage = new Stage();
  const skips: number[] = [];
  stage.house.hooks.on("play:end", (end) => void skips.push(end.skips), "test", 0);
  const publication = await stage.house.publish();
  write(publication, "V0 K0");
  const { session, playback } = await stage.play();
  const reader = playback.read(textFormat());
  const fallBehind = async (from: number) => {
    for (reader.next(); reader.next(););
    for (let i = 0; i < 40; i++) write(publication, `K${(from + i) * 40}=${"x".repeat(2 ** 16)}`);
    await stage.settle();
    while (reader.next());
  };
  await fallBehind(1);
  assertEquals(stage.main.toJSON().skips, 0);
  await stage.pass(1000);
  assertEquals(stage.main.toJSON().skips, 1);
  await stage.pass(1000);
  assertEquals(stage.main.toJSON().skips, 1);
  await fallBehind(100);
  session.close("left");
  await stage.settle();
  assertEquals([stage.main.toJSON().skips, skips], [2, [2]]);
});

Deno.test("the main isolate learns once a second what a worker has done and refused", async () => {
  using stage = new Stage();
  const flushed: number[] = [];
  const lags: [number, number][] = [];
  stage.timings.listen({
    onFlush: (readers) => void flushed.push(readers),
    onFirstBytes: () => {},
    onWorkerLag: (worker, seconds) => void lags.push([worker, seconds]),
  });
  const publication = await stage.house.publish();
  write(publication, "V0 K0");
  const reader = (await stage.play()).playback.read(textFormat());
  while (reader.next());
  write(publication, "d40");
  await stage.settle();
  assertEquals(flushed, []);
  await stage.pass(1000);
  assertEquals(flushed, [1]);
  assertEquals(stage.refused.get("full"), 2);
  await stage.pass(1000);
  assertEquals(stage.refused.get("full"), 2);
  assertEquals(lags, [[1, 0], [1, 0]]);
});

Deno.test("when a worker is gone its publishers have vanished and its players have left", async () => {
  using stage = new Stage();
  await stage.publish();
  await stage.play();
  stage.link.close(new Closed("error", "the worker failed"));
  assertEquals([stage.main.state, stage.main.viewers, stage.main.isWatched], ["interrupted", 0, false]);
  assertEquals(stage.house.sessions.size, 0);
});
