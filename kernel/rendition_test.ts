import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Format } from "../media/format.ts";
import { Flusher } from "./flusher.ts";
import { Closed } from "./reasons.ts";
import { LINGER_MS, Rendition } from "./rendition.ts";
import { StreamFacts } from "./stream_facts.ts";
import { FakeClock } from "./testing/fake_clock.ts";
import { packets } from "./testing/packets.ts";
import { settled } from "./testing/settled.ts";
import { readText, textFormat } from "./testing/text_format.ts";

/** Rounds of this many readers take long enough for a window of some 20 ms for pictures and 45 ms for sound. */
const CROWD = 1500;

/** A rendition of a stream that the test writes, on a clock that the test moves. */
class Stage {
  readonly clock = new FakeClock();
  readonly flusher = new Flusher(this.clock, 350);
  readonly facts = new StreamFacts();
  emptied = 0;
  readonly failures: unknown[] = [];
  readonly rendition: Rendition;

  constructor(format = textFormat()) {
    this.rendition = new Rendition(format, this.facts, {
      limits: { bytes: 2 ** 20, ms: 10_000 },
      flusher: this.flusher,
      onEmpty: () => this.emptied++,
      onFailure: (error) => this.failures.push(error),
    });
  }

  write(story: string): this {
    for (const packet of packets(story)) {
      this.facts.observe(packet, this.clock.now());
      this.rendition.write(packet);
    }
    return this;
  }

  flush(): this {
    this.rendition.flush();
    return this;
  }

  /** A reader that reads whenever it is told, and what it has heard with the time. */
  listen() {
    const subscription = this.rendition.subscribe();
    const heard: string[] = [];
    subscription.onReady = () => heard.push(`${Math.round(this.clock.now())}: ${readText(subscription).trim()}`);
    subscription.park();
    return { subscription, heard };
  }
}

Deno.test("each packet is encoded once, and all readers are given the same bytes", () => {
  const stage = new Stage();
  const [a, b] = [stage.rendition.subscribe(), stage.rendition.subscribe()];
  stage.write("V0 A0 K0 a23").flush();
  const bytes = a.next();
  assertEquals(new TextDecoder().decode(bytes), "<V A>K0 a23 ");
  assertStrictEquals(b.next(), bytes);
});

Deno.test("what comes before the first key is left out, and so is what the format does not carry", () => {
  const stage = new Stage();
  const { heard } = stage.listen();
  stage.write("m0 V0 A0 d0 a0").flush();
  assertEquals(heard, []);
  stage.write("K40 m40 d80").flush();
  assertEquals(heard, ["0: <V A>K40 d80"]);
});

Deno.test("while rounds are cheap every flush is heard at once, without a timer", () => {
  const stage = new Stage();
  const { heard } = stage.listen();
  stage.write("V0 K0").flush().write("d1").flush().write("a2").flush();
  assertEquals(heard, ["0: <V>K0", "0: d1", "0: a2"]);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a flush without anything new wakes nobody", () => {
  const stage = new Stage();
  const { heard } = stage.listen();
  stage.write("V0 K0").flush().flush().write("m1").flush();
  assertEquals(heard, ["0: <V>K0"]);
});

Deno.test("with many readers what comes within the window is heard together at its end", () => {
  const stage = new Stage();
  stage.flusher.readers = CROWD;
  const { heard } = stage.listen();
  const window = Math.round(stage.flusher.window("picture"));
  stage.write("V0 K0").flush();
  stage.clock.advance(5);
  stage.write("d5").flush();
  stage.clock.advance(5);
  stage.write("d10").flush();
  assertEquals(stage.clock.pending, 1);
  stage.clock.advance(100);
  assertEquals(heard, ["0: <V>K0", `${window}: d5 d10`]);
  stage.write("d110").flush();
  assertEquals(heard.at(-1), "110: d110", "after a quiet window nothing waits");
  assertEquals(stage.clock.pending, 0);
});

/** A crowd on a stage whose rounds have three turns, and what each third of it has heard. */
function crowdInTurns(stage: Stage) {
  const readers = Array.from({ length: 900 }, () => stage.listen());
  stage.flusher.readers = 4000;
  assertEquals(stage.flusher.turns(readers.length), 3);
  const third = (index: number) => {
    const part = readers.slice(index * 300, (index + 1) * 300).map(({ heard }) => heard.join("; "));
    assertEquals(new Set(part).size, 1, "readers of one turn have heard different things");
    return part[0];
  };
  return { readers, heard: () => [0, 1, 2].map(third) };
}

Deno.test("a crowd is woken in turns over the window, each of which brings what is newest", () => {
  const stage = new Stage();
  const { heard } = crowdInTurns(stage);
  const window = stage.flusher.window("picture");
  const at = (turn: number) => Math.round(turn * window / 3);
  stage.write("V0 K0").flush();
  assertEquals(heard(), ["0: <V>K0", "", ""]);
  stage.clock.advance(10);
  stage.write("d10").flush();
  assertEquals(heard(), ["0: <V>K0", "", ""]);
  stage.clock.advance(window - 11);
  assertEquals(heard(), ["0: <V>K0", `${at(1)}: <V>K0 d10`, `${at(2)}: <V>K0 d10`]);
  stage.clock.advance(1);
  assertEquals(heard()[0], `0: <V>K0; ${at(3)}: d10`);
  stage.clock.advance(10 * window);
  assertEquals(heard().slice(1), [`${at(1)}: <V>K0 d10`, `${at(2)}: <V>K0 d10`], "there was nothing new for them");
  assertEquals(stage.clock.pending, 0);
});

Deno.test("when the stream ends between two turns everybody is woken once", () => {
  const stage = new Stage();
  const { heard } = crowdInTurns(stage);
  stage.write("V0 K0").flush();
  stage.clock.advance(10);
  stage.write("d10");
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals(heard(), ["0: <V>K0; 10: d10", "10: <V>K0 d10", "10: <V>K0 d10"]);
  stage.clock.advance(10_000);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a reader that ends the stream in its turn leaves no timer behind", () => {
  const stage = new Stage();
  const { readers } = crowdInTurns(stage);
  readers[0].subscription.onReady = () => stage.rendition.end(new Closed("stream-ended"));
  stage.write("V0 K0").flush();
  assertEquals(readers.slice(1).map(({ heard }) => heard.length).filter((count) => count !== 1), []);
  for (const { subscription } of readers) subscription[Symbol.dispose]();
  assertEquals([stage.clock.pending, stage.emptied], [0, 1]);
});

Deno.test("sound waits for the next picture and rides along with it", () => {
  const stage = new Stage();
  stage.flusher.readers = 300;
  const { heard } = stage.listen();
  const [picture, sound] = [stage.flusher.window("picture"), stage.flusher.window("sound")];
  stage.write("V0 K0").flush();
  stage.clock.advance(picture + 1);
  stage.write("a1").flush();
  assertEquals(heard.length, 1);
  stage.clock.advance(1);
  stage.write("d2").flush();
  assertEquals(heard.at(-1), `${Math.round(picture + 2)}: a1 d2`);
  stage.write("a3").flush();
  stage.clock.advance(100);
  assertEquals(
    heard.at(-1),
    `${Math.round(picture + 2 + sound)}: a3`,
    "without a picture its own window ends the wait",
  );
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a picture that comes while sound waits shortens the wait", () => {
  const stage = new Stage();
  stage.flusher.readers = 1000;
  const { heard } = stage.listen();
  const picture = stage.flusher.window("picture");
  stage.write("V0 K0").flush().write("a1").flush().write("d1").flush();
  assertEquals(stage.clock.pending, 1);
  stage.clock.advance(100);
  assertEquals(heard, ["0: <V>K0", `${Math.round(picture)}: a1 d1`]);
});

Deno.test("sound that comes along with a picture does not make it wait longer", () => {
  const stage = new Stage();
  stage.flusher.readers = 300;
  const { heard } = stage.listen();
  const picture = stage.flusher.window("picture");
  stage.write("V0 K0").flush().write("d1 a1").flush();
  stage.clock.advance(100);
  assertEquals(heard, ["0: <V>K0", `${Math.round(picture)}: d1 a1`]);
});

Deno.test("the end shows what waits in the window, tells why, and leaves no timer", () => {
  const stage = new Stage();
  stage.flusher.readers = CROWD;
  const { subscription, heard } = stage.listen();
  stage.write("V0 K0").flush().write("d1").flush();
  assertEquals([heard.length, stage.clock.pending], [1, 1]);
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals(heard, ["0: <V>K0", "0: d1"]);
  assertEquals([subscription.ended?.reason, stage.clock.pending], ["stream-ended", 0]);
});

Deno.test("the end wakes a reader that has read everything", () => {
  const stage = new Stage();
  const { heard } = stage.listen();
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals(heard, ["0: "]);
});

Deno.test("the rendition closes a little after its last reader, once, and takes its timers along", () => {
  const stage = new Stage();
  const a = stage.listen();
  const b = stage.listen();
  assertEquals(stage.flusher.readers, 2);
  stage.flusher.readers += CROWD;
  stage.write("V0 K0").flush().write("d1").flush();
  a.subscription[Symbol.dispose]();
  a.subscription[Symbol.dispose]();
  assertEquals([stage.emptied, stage.clock.pending], [0, 1]);
  b.subscription[Symbol.dispose]();
  assertEquals(stage.flusher.readers, CROWD);
  stage.clock.advance(LINGER_MS - 1);
  assertEquals([stage.emptied, stage.clock.pending], [0, 1]);
  stage.clock.advance(1);
  assertEquals([stage.emptied, stage.clock.pending], [1, 0]);
});

Deno.test("a large init does not precede every key, but one behind as many bytes as it has", () => {
  const INIT_BYTES = 10_000;
  const KEY_BYTES = 1000;
  let inits = 0;
  const stage = new Stage({
    name: "large",
    open: () => ({
      role: ({ role }) => role === "key" ? "key" : "delta",
      init(_, out) {
        inits++;
        out.raw(new Uint8Array(INIT_BYTES));
      },
      write: (_, out) => void out.raw(new Uint8Array(KEY_BYTES)),
    }),
  });
  const reader = stage.rendition.subscribe();
  let bytes = 0;
  for (let i = 0; i < 100; i++) {
    stage.write(`K${i}`).flush();
    bytes += reader.next()?.length ?? 0;
  }
  assertEquals(inits, 10);
  assertEquals(bytes, INIT_BYTES + 100 * KEY_BYTES, "the reader is given every key");
  const late = stage.rendition.subscribe();
  assertEquals(late.next()?.length, INIT_BYTES + 10 * KEY_BYTES, "who comes later begins at the newest init");
});

Deno.test("a reader that comes soon after the last one finds all that was encoded", () => {
  const stage = new Stage();
  stage.write("V0 K0").flush();
  stage.rendition.subscribe()[Symbol.dispose]();
  stage.clock.advance(LINGER_MS - 1);
  stage.write("d1").flush();
  const subscription = stage.rendition.subscribe();
  assertEquals(readText(subscription), "<V>K0 d1 ");
  stage.clock.advance(LINGER_MS);
  assertEquals(stage.emptied, 0);
});

Deno.test("a rendition whose stream ends, or whose format fails, does not linger", () => {
  const ended = new Stage();
  ended.rendition.subscribe()[Symbol.dispose]();
  ended.rendition.end(new Closed("stream-ended"));
  assertEquals([ended.emptied, ended.clock.pending], [1, 0]);
  const failing = new Stage({ name: "failing", open: () => ({ role: fail, init: fail, write: fail }) });
  failing.rendition.subscribe()[Symbol.dispose]();
  failing.write("K0");
  assertEquals([failing.emptied, failing.clock.pending], [1, 0]);
});

function fail(): never {
  throw new Error("no");
}

Deno.test("a reader that leaves while the others are woken disturbs nobody", () => {
  const stage = new Stage();
  const [first, second, third] = [stage.listen(), stage.listen(), stage.listen()];
  first.subscription.onReady = () => {
    first.subscription[Symbol.dispose]();
    second.subscription[Symbol.dispose]();
  };
  stage.write("V0 K0").flush().write("d1").flush();
  assertEquals([first.heard, second.heard, third.heard], [[], [], ["0: <V>K0", "0: d1"]]);
  assertEquals(stage.emptied, 0);
});

Deno.test("what waking costs is learned: slow readers make the window wider", () => {
  const stage = new Stage();
  const readers = Array.from({ length: 50 }, () => stage.listen());
  for (const { subscription } of readers) {
    subscription.onReady = () => {
      stage.clock.advance(0.4);
      readText(subscription);
    };
  }
  stage.write("V0 K0").flush();
  for (let i = 1; i < 50; i++) {
    stage.clock.advance(1000);
    stage.write(`d${i}`).flush();
  }
  const window = stage.flusher.window("picture");
  assertEquals(window > 60 && window < 80, true, `50 readers at 0.4 ms have a window of ${window} ms`);
});

Deno.test("a reader that throws when it is woken leaves, and the others are woken all the same", () => {
  const stage = new Stage();
  const [bad, good] = [stage.listen(), stage.listen()];
  bad.subscription.onReady = () => {
    throw new Error("broken driver");
  };
  stage.write("V0 K0").flush().write("d1").flush();
  assertEquals(good.heard, ["0: <V>K0", "0: d1"]);
  assertEquals(stage.failures.map(String), ["Error: broken driver"]);
  assertEquals(bad.subscription.ended?.reason, "left");
});

Deno.test("for await reads batch by batch and ends with the stream", async () => {
  const stage = new Stage();
  const heard: string[] = [];
  const done = (async () => {
    for await (const bytes of stage.rendition.subscribe()) heard.push(new TextDecoder().decode(bytes));
  })();
  stage.write("V0 K0").flush();
  await settled();
  stage.write("d1 d2").flush();
  await settled();
  stage.write("d3");
  stage.rendition.end(new Closed("stream-ended"));
  await done;
  assertEquals(heard, ["<V>K0 ", "d1 d2 ", "d3 "]);
  assertEquals(stage.emptied, 1);
});

Deno.test("disposing while somebody awaits the next bytes ends the for await", async () => {
  const stage = new Stage();
  const subscription = stage.rendition.subscribe();
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

/** Writes half of a unit and fails when it meets a packet at 80 ms. */
function fragileFormat(): Format {
  const format = textFormat();
  return {
    ...format,
    open(source) {
      const muxer = format.open(source);
      return {
        role: (packet) => muxer.role(packet),
        init: (next, out) => muxer.init(next, out),
        write(packet, out) {
          if (packet.dts !== 80_000) return muxer.write(packet, out);
          out.u8(0x64);
          throw new RangeError("too much for this format");
        },
      };
    },
  };
}

Deno.test("a format that fails ends its readers, with whole units only, and is asked no more", () => {
  const stage = new Stage(fragileFormat());
  const { subscription, heard } = stage.listen();
  stage.write("V0 K0").flush().write("d40 d80 d120").flush().write("K160").flush();
  assertEquals(heard, ["0: <V>K0", "0: "]);
  assertEquals([subscription.ended?.reason, stage.failures.length], ["error", 1]);
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals([subscription.ended?.reason, heard.length, stage.clock.pending], ["error", 2, 0]);
});

Deno.test("a reader in no hurry is counted when it falls off", () => {
  const stage = new Stage();
  const subscription = stage.rendition.subscribe();
  stage.write("V0 K0").flush();
  assertEquals(readText(subscription), "<V>K0 ");
  for (let i = 1; i <= 12; i++) {
    stage.clock.advance(2000);
    stage.write(`K${i}`).flush();
  }
  assertEquals([readText(subscription), subscription.skips], ["<V>K12 ", 1]);
});
