import { assertEquals } from "@std/assert";
import { Flusher } from "../../fanout/flusher.ts";
import { OpenSession } from "../../sessions/session.ts";
import { collectLog } from "../../testing/collected_log.ts";
import { FakeClock } from "../../testing/fake_clock.ts";
import { keyOf, write } from "../../testing/house.ts";
import { payloads } from "../../testing/packets.ts";
import { Flow } from "./flow.ts";
import { unpack } from "./packet_batch.ts";
import { SentPublication } from "./sent_publication.ts";
import { shareMemory } from "../memory/shared_memory.ts";

/** A publication by way of a worker with so many players and publications, what it sends, and how long each may wait. */
function publish(players: number, publications = 1) {
  const clock = new FakeClock();
  const flusher = new Flusher(clock, 350);
  flusher.readers = players;
  const { log } = collectLog("debug", clock);
  const session = new OpenSession({ protocol: "rtmp", remote: "192.0.2.1:5000" }, log, clock);
  const sent: string[] = [];
  const waits: (number | undefined)[] = [];
  const flow = new Flow(shareMemory(1), 0, "main");
  const publication = new SentPublication(1, session, keyOf("cam"), {
    post: (word, _, waitMs) => {
      sent.push(word.type === "packets" ? payloads(unpack(word.batch)) : word.type);
      waits.push(waitMs);
    },
    flow,
    flusher,
    publications: () => publications,
    onEnd: () => {},
  });
  return { clock, publication, session, sent, waits, flow };
}

Deno.test("with few players everything is sent at once", () => {
  const { publication, sent, clock } = publish(10);
  for (const each of ["K0", "a1", "a23", "d40"]) write(publication, each);
  assertEquals(sent, ["K0", "a1", "a23", "d40"]);
  assertEquals(clock.pending, 0);
});

Deno.test("with thousands of players sound goes along with the next picture, which waits for nothing", () => {
  const { publication, sent, clock } = publish(8000);
  write(publication, "K0");
  for (const each of ["a1", "a23"]) {
    clock.advance(10);
    write(publication, each);
  }
  assertEquals(sent, ["K0"]);
  clock.advance(10);
  write(publication, "d40");
  assertEquals(sent, ["K0", "a1 a23 d40"]);
  assertEquals(clock.pending, 0);
});

Deno.test("sound does not wait long for a picture that does not come", () => {
  const { publication, sent, clock } = publish(8000);
  write(publication, "a0");
  write(publication, "a23");
  write(publication, "a46");
  clock.advance(44);
  assertEquals(sent, ["a0"]);
  clock.advance(1);
  assertEquals(sent, ["a0", "a23 a46"]);
  clock.advance(1000);
  write(publication, "a1046");
  assertEquals(sent, ["a0", "a23 a46", "a1046"]);
});

Deno.test("sound that waits is sent before the end, and nothing after it but the end of its session", () => {
  for (const way of ["finished", "vanished", "session ended"] as const) {
    const { publication, session, sent, clock } = publish(8000);
    write(publication, "a0");
    write(publication, "a23");
    if (way === "finished") publication.end();
    else if (way === "vanished") publication[Symbol.dispose]();
    else session.close("left");
    write(publication, "a46");
    clock.advance(1000);
    assertEquals(sent, ["a0", "a23", ...(way === "session ended" ? [] : ["unpublish"])]);
    assertEquals(clock.pending, 0);
  }
});

Deno.test("what nobody watches may wait for that of other publishers, longer the more there are, but not what begins it", () => {
  for (const [publications, waitMs] of [[1, 0], [2, 8], [7, 48], [500, 100]]) {
    const { publication, waits } = publish(0, publications);
    for (const each of ["K0", "a1", "d40"]) write(publication, each);
    publication.end();
    assertEquals(waits, [undefined, waitMs, waitMs, undefined]);
  }
});

Deno.test("what somebody watches waits for nothing, and may wait again when they have left", () => {
  const { publication, waits } = publish(0, 5);
  write(publication, "K0");
  publication.watched(true);
  write(publication, "d40");
  publication.watched(false);
  write(publication, "d80");
  assertEquals(waits, [undefined, undefined, 32]);
});

Deno.test("nothing waits while much is on its way", () => {
  const { publication, waits, flow } = publish(0, 5);
  const large = "x".repeat(2 ** 20);
  write(publication, "K0");
  write(publication, "d40");
  write(publication, `d80=${large}`);
  write(publication, "d120");
  flow.taken(flow.inFlight);
  write(publication, "d160");
  assertEquals(waits, [undefined, 32, undefined, undefined, 32]);
});
