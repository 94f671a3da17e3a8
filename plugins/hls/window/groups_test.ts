import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { multitrack } from "../../../tests/support/test_bodies.ts";
import { Follower, HlsStage, masterOf, type StagePublisher } from "../testing_stage.ts";

const GROUPS = { "live/cam": ["live/cam_*"] };

/** Sends as many groups of pictures with each publisher, those of one moment together. */
async function together(count: number, first: StagePublisher, ...others: StagePublisher[]): Promise<void> {
  await first.gops(count, async () => {
    for (const other of others) await other.send(other.maker.gop());
  });
}

Deno.test("groups: streams that are cut alike are offered as one program, the best first", async () => {
  await using stage = await HlsStage.start({ groups: GROUPS });
  const small = await stage.publish("cam_360", { keyBytes: 400 });
  const large = await stage.publish("cam_720", { keyBytes: 4000, seed: 1 });
  await small.head();
  await large.head();
  await together(16, small, large);
  const { variants } = await masterOf(stage);
  assertEquals(variants.map(({ uri }) => uri), ["../../live/cam_720/media.m3u8", "../../live/cam_360/media.m3u8"]);
  assertGreater(variants[0].bandwidth, variants[1].bandwidth);
  const followers = [new Follower(stage, "cam_360/media.m3u8"), new Follower(stage, "cam_720/media.m3u8")];
  const [one, two] = await Promise.all(followers.map((follower) => follower.load()));
  const times = ({ segments }: typeof one) => segments.map(({ programDateTime }) => programDateTime);
  assertEquals(times(one), times(two));
  assertEquals(one.segments.map(({ duration }) => duration), two.segments.map(({ duration }) => duration));
  assertEquals(one.discontinuitySequence, two.discontinuitySequence);
});

Deno.test("groups: a playlist tells how far the others are, under the address that the master has for them", async () => {
  await using stage = await HlsStage.start({ groups: GROUPS });
  const [one, two] = [await stage.publish("cam_1"), await stage.publish("cam_2", { seed: 1 })];
  await one.head();
  await two.head();
  await together(16, one, two);
  const { variants } = await masterOf(stage, "cam/index.m3u8?key=k");
  const { renditionReports } = await new Follower(stage, "cam_1/media.m3u8?key=k").load();
  assertEquals(renditionReports!.length, 1);
  const [{ uri, lastMsn, lastPart }] = renditionReports!;
  assert(variants.some((variant) => variant.uri === uri));
  const other = await new Follower(stage, "cam_2/media.m3u8").load();
  assertEquals(lastMsn, other.mediaSequence! + other.segments.length);
  assertEquals(lastPart, other.pending!.parts!.length - 1);
});

Deno.test("groups: streams that are cut at other times are refused in words, to players and in the log", async () => {
  await using stage = await HlsStage.start({ groups: GROUPS });
  const [one, two] = [await stage.publish("cam_1"), await stage.publish("cam_2", { startMs: 200, seed: 1 })];
  await one.head();
  await two.head();
  await together(16, one, two);
  for (let i = 0; i < 2; i++) {
    const { status, text } = await stage.get("cam/index.m3u8");
    assertEquals(status, 409);
    assertStringIncludes(text, "live/cam_2 is cut at other times than live/cam_1");
  }
  assertEquals(stage.warnings.length, 1);
  assertEquals((await stage.get("cam_2/index.m3u8")).status, 200);
});

Deno.test("groups: of a group of which nothing is there, players are told so", async () => {
  await using stage = await HlsStage.start({ groups: GROUPS });
  const { status, text } = await stage.get("cam/index.m3u8");
  assertEquals([status, JSON.parse(text).detail], [404, "No stream of the group live/cam is there"]);
});

Deno.test("groups: the video tracks of one stream are offered as one program", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { video: multitrack });
  await publisher.head();
  await publisher.gops(16);
  const { variants } = await masterOf(stage);
  assertEquals(variants.map(({ uri }) => uri).sort(), ["media-1.m3u8", "media.m3u8"]);
  const [one, two] = [new Follower(stage), new Follower(stage, "cam/media-1.m3u8")];
  const [main, other] = [await one.load(), await two.load()];
  assertEquals(main.segments.map(({ duration }) => duration), other.segments.map(({ duration }) => duration));
  assertEquals(main.renditionReports!.map(({ uri }) => uri), ["media-1.m3u8"]);
  assert((await two.beside(other.segments[0].uri)).bytes.length > 0);
});
