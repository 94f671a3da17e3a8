import { assertEquals } from "@std/assert";
import type { MediaPacket } from "../../media/packet.ts";
import { PacketReaders } from "./packet_subscription.ts";
import { PacketRing } from "./packet_ring.ts";
import { Closed } from "../reasons.ts";
import type { Subscription } from "./subscription.ts";
import { packets, payloads } from "../testing/packets.ts";
import { settled } from "../testing/settled.ts";

/** A ring with its readers; keys are entries, and every write is flushed. */
function source(limit = 100_000) {
  const ring = new PacketRing(limit);
  const failures: unknown[] = [];
  const readers = new PacketReaders(ring, (error) => failures.push(error));
  const write = (story: string) => {
    for (const packet of packets(story)) ring.write(packet, packet.role === "key");
    readers.flush();
  };
  return { ring, readers, write, failures };
}

function read(subscription: Subscription<MediaPacket>): string {
  const all: MediaPacket[] = [];
  for (let packet = subscription.next(); packet; packet = subscription.next()) all.push(packet);
  return payloads(all);
}

Deno.test("the prelude comes first, then the GOP, then what is written", () => {
  const { readers, write } = source();
  write("K0 d40");
  const entry = readers.subscribe("entry", packets("V A"));
  const live = readers.subscribe("live", packets("V A"));
  assertEquals([read(entry), read(live)], ["V A K0 d40", "V A"]);
  write("d80");
  assertEquals([read(entry), read(live)], ["d80", "d80"]);
});

Deno.test("a reader that has read all is told once that there is more, at the next flush", () => {
  const { ring, readers, write } = source();
  const subscription = readers.subscribe("live", []);
  let calls = 0;
  subscription.onReady = () => calls++;
  write("K0");
  assertEquals(calls, 0, "a reader that has not read is not told");
  assertEquals(read(subscription), "K0");
  assertEquals(subscription.next(), undefined);
  ring.write(packets("d40")[0], false);
  assertEquals(calls, 0);
  readers.flush();
  readers.flush();
  write("d80");
  assertEquals(calls, 1);
  assertEquals(read(subscription), "d40 d80");
});

Deno.test("a reader may ask to be told although there is something left", () => {
  const { readers, write } = source();
  const subscription = readers.subscribe("live", []);
  let calls = 0;
  subscription.onReady = () => calls++;
  write("K0");
  subscription.park();
  subscription.park();
  write("d40");
  assertEquals(calls, 1);
  assertEquals(read(subscription), "K0 d40");
});

Deno.test("a reader that reads when it is told may wait again at once", () => {
  const { readers, write } = source();
  const subscription = readers.subscribe("live", []);
  const heard: string[] = [];
  subscription.onReady = () => heard.push(read(subscription));
  subscription.park();
  write("K0 d40");
  write("d80");
  assertEquals(heard, ["K0 d40", "d80"]);
});

Deno.test("after the end a reader reads what there is, and then knows why nothing more comes", () => {
  const { readers, write } = source();
  const subscription = readers.subscribe("live", []);
  assertEquals(subscription.ended, undefined);
  let calls = 0;
  subscription.onReady = () => calls++;
  subscription.park();
  write("K0");
  readers.end(new Closed("stream-ended"));
  assertEquals(calls, 1);
  assertEquals(subscription.ended?.reason, "stream-ended");
  assertEquals(read(subscription), "K0");
  assertEquals(readers.subscribe("entry", packets("V")).ended?.reason, "stream-ended");
});

Deno.test("one that falls too far behind ends as too slow, with what it missed left out", () => {
  const { readers, write } = source(1000);
  const slow = readers.subscribe("live", packets("V"));
  write("K0 d40 d80 d120 d160 d200");
  assertEquals(slow.ended?.reason, "too-slow");
  assertEquals(read(slow), "V");
  assertEquals(slow.skips, 0);
  readers.end(new Closed("stream-ended"));
  assertEquals(slow.ended?.reason, "too-slow");
});

Deno.test("for await reads packet by packet until the end and disposes the subscription", async () => {
  const { readers, write } = source();
  write("K0");
  const subscription = readers.subscribe("entry", packets("V"));
  const heard: string[] = [];
  const done = (async () => {
    for await (const packet of subscription) heard.push(payloads([packet]));
  })();
  await settled();
  assertEquals(heard, ["V", "K0"]);
  write("d40");
  await settled();
  assertEquals(heard, ["V", "K0", "d40"]);
  write("d80");
  readers.end(new Closed("stream-ended"));
  await done;
  assertEquals(heard, ["V", "K0", "d40", "d80"]);
  assertEquals(subscription.next(), undefined);
});

Deno.test("for await ends when the reader has fallen", async () => {
  const { readers, write } = source(1000);
  const subscription = readers.subscribe("live", []);
  write("K0");
  const heard: string[] = [];
  for await (const packet of subscription) {
    heard.push(payloads([packet]));
    write("d40 d80 d120 d160 d200");
  }
  assertEquals(heard, ["K0"]);
  assertEquals(subscription.ended?.reason, "too-slow");
});

Deno.test("leaving a for await disposes the subscription", async () => {
  const { readers, write } = source();
  write("K0 d40");
  const subscription = readers.subscribe("entry", []);
  for await (const _ of subscription) break;
  write("d80");
  assertEquals(subscription.next(), undefined);
});

Deno.test("disposing while somebody awaits the next packet ends the for await", async () => {
  const { readers } = source();
  const subscription = readers.subscribe("live", []);
  const done = (async () => {
    for await (const _ of subscription);
    return "over";
  })();
  await settled();
  subscription[Symbol.dispose]();
  await settled();
  assertEquals(await Promise.race([done, settled()]), "over");
  assertEquals(subscription.ended?.reason, "left");
});

Deno.test("a disposed reader is neither told nor given anything, and may be disposed again", () => {
  const { readers, write } = source();
  const subscription = readers.subscribe("entry", packets("V A"));
  let calls = 0;
  subscription.next();
  subscription.onReady = () => calls++;
  subscription[Symbol.dispose]();
  subscription[Symbol.dispose]();
  write("K0");
  assertEquals([subscription.next(), calls], [undefined, 0]);
});

Deno.test("a sink that throws when it is woken leaves, and the others are woken all the same", () => {
  const { readers, write, failures } = source();
  const [bad, good] = [readers.subscribe("live", []), readers.subscribe("live", [])];
  let heard = "";
  bad.onReady = () => {
    throw new Error("broken sink");
  };
  good.onReady = () => heard = read(good);
  assertEquals([read(bad), read(good)], ["", ""]);
  write("K0");
  assertEquals([heard, failures.map(String), bad.ended?.reason], ["K0", ["Error: broken sink"], "left"]);
});

Deno.test("only readers that are not patient are in a hurry, until they have left", () => {
  const { readers } = source();
  const recorder = readers.subscribe("entry", [], true);
  assertEquals(readers.isHurried, false);
  const forward = readers.subscribe("entry", []);
  const other = readers.subscribe("live", [], false);
  forward[Symbol.dispose]();
  forward[Symbol.dispose]();
  recorder[Symbol.dispose]();
  assertEquals(readers.isHurried, true);
  other[Symbol.dispose]();
  assertEquals(readers.isHurried, false);
});

Deno.test("a reader may become patient, and be in a hurry again", () => {
  const { readers } = source();
  const reader = readers.subscribe("entry", [], true);
  reader.isPatient = false;
  reader.isPatient = false;
  assertEquals([reader.isPatient, readers.isHurried], [false, true]);
  reader.isPatient = true;
  assertEquals(readers.isHurried, false);
  reader.isPatient = false;
  reader[Symbol.dispose]();
  reader.isPatient = false;
  assertEquals(readers.isHurried, false);
});
