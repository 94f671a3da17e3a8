import { assertEquals, assertRejects } from "@std/assert";
import type { Publication } from "../../../kernel/streams/publication.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { House } from "../../../kernel/testing/house.ts";
import { settled } from "../../../kernel/testing/settled.ts";
import { readText, textFormat } from "../../../kernel/testing/text_format.ts";
import { PulledFeed } from "./pulled_feed.ts";
import { FakePull } from "./testing/fake_pull.ts";

/** A feed, and the stream that it is written into. */
async function stage() {
  const house = new House({ graceSeconds: 0, publishTimeoutSeconds: 3600 });
  const ready = await house.publish("cam", house.session("upstream"));
  const subscription = ready.stream.subscribe(textFormat());
  const asked: Publication[] = [];
  const publication = () => (asked.push(ready), ready);
  const clock = new FakeClock();
  const feed = new PulledFeed(clock);
  return { clock, feed, publication, asked, read: () => readText(subscription).trim(), ready };
}

const NEVER = () => undefined;

Deno.test("what two connections bring becomes one stream, in which nothing comes twice", async () => {
  const { feed, publication, asked, read, ready } = await stage();
  let news = 0;
  const plan = { publication, onNews: () => void news++, leave: NEVER };
  assertEquals(await feed.read(new FakePull().finish(), plan), undefined);
  assertEquals(asked.length, 0, "for nothing no publication is begun");
  await feed.read(new FakePull().send("V0 K0 d40").finish(), plan);
  await feed.read(new FakePull().send("V0 K0 d40 d80").finish(), plan);
  assertEquals([read(), news], ["<V>K0 d40 d80", 4]);
  ready.end();
});

Deno.test("a connection is left when there is a reason, which is told, and by itself it ends with none", async () => {
  const { clock, feed, publication, ready } = await stage();
  const why: { reason?: string } = {};
  const reading = feed.read(new FakePull().send("V0 K0"), { publication, leave: () => why.reason });
  await settled();
  clock.advance(1000);
  assertEquals(feed.silentMs, 1000);
  why.reason = "there is a better one";
  clock.advance(250);
  assertEquals(await reading, "there is a better one");
  assertEquals(clock.pending, 0);
  ready.end();
});

Deno.test("a connection is silent since its beginning, or since anything came", async () => {
  const { clock, feed, publication, ready } = await stage();
  clock.advance(5000);
  const pull = new FakePull();
  const reading = feed.read(pull, { publication, leave: NEVER });
  clock.advance(300);
  assertEquals([feed.silentMs, feed.newestAt], [300, 0]);
  pull.send("V0 K0");
  await settled();
  assertEquals([feed.silentMs, feed.newestAt], [0, 5300]);
  pull.lose();
  await assertRejects(() => reading, Error, "the connection broke");
  assertEquals(clock.pending, 0);
  ready.end();
});
