import { assertEquals } from "@std/assert";
import { Flusher } from "../fanout/flusher.ts";
import { OpenSession } from "../sessions/session.ts";
import { collectLog } from "../testing/collected_log.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { keyOf, write } from "../testing/house.ts";
import { payloads } from "../testing/packets.ts";
import { Flow } from "./flow.ts";
import { unpack } from "./packet_batch.ts";
import { SentPublication } from "./sent_publication.ts";
import { shareMemory } from "./shared_memory.ts";

/** A publication by way of a worker with so many players, and what it sends. */
function publish(players: number) {
  const clock = new FakeClock();
  const flusher = new Flusher(clock, 350);
  flusher.readers = players;
  const { log } = collectLog("debug", clock);
  const session = new OpenSession({ protocol: "rtmp", remote: "192.0.2.1:5000" }, log, clock);
  const sent: string[] = [];
  const publication = new SentPublication(1, session, keyOf("cam"), {
    post: (word) => void sent.push(word.type === "packets" ? payloads(unpack(word.batch)) : word.type),
    flow: new Flow(shareMemory(1), 0, "main"),
    flusher,
    onEnd: () => {},
  });
  return { clock, publication, session, sent };
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
