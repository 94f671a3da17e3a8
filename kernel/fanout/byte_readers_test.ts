import { assertEquals } from "@std/assert";
import { Closed } from "../reasons.ts";
import { CROWD, RenditionStage } from "../testing/rendition_stage.ts";
import { readText } from "../testing/text_format.ts";

Deno.test("while rounds are cheap every flush is heard at once, without a timer", () => {
  const stage = new RenditionStage();
  const { heard } = stage.listen();
  stage.write("V0 K0").flush().write("d1").flush().write("a2").flush();
  assertEquals(heard, ["0: <V>K0", "0: d1", "0: a2"]);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a flush without anything new wakes nobody", () => {
  const stage = new RenditionStage();
  const { heard } = stage.listen();
  stage.write("V0 K0").flush().flush().write("m1").flush();
  assertEquals(heard, ["0: <V>K0"]);
});

Deno.test("with many readers what comes within the window is heard together at its end", () => {
  const stage = new RenditionStage();
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
function crowdInTurns(stage: RenditionStage) {
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
  const stage = new RenditionStage();
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
  const stage = new RenditionStage();
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
  const stage = new RenditionStage();
  const { readers } = crowdInTurns(stage);
  readers[0].subscription.onReady = () => stage.rendition.end(new Closed("stream-ended"));
  stage.write("V0 K0").flush();
  assertEquals(readers.slice(1).map(({ heard }) => heard.length).filter((count) => count !== 1), []);
  for (const { subscription } of readers) subscription[Symbol.dispose]();
  assertEquals([stage.clock.pending, stage.emptied], [0, 1]);
});

Deno.test("sound waits for the next picture and rides along with it", () => {
  const stage = new RenditionStage();
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
  const stage = new RenditionStage();
  stage.flusher.readers = 1000;
  const { heard } = stage.listen();
  const picture = stage.flusher.window("picture");
  stage.write("V0 K0").flush().write("a1").flush().write("d1").flush();
  assertEquals(stage.clock.pending, 1);
  stage.clock.advance(100);
  assertEquals(heard, ["0: <V>K0", `${Math.round(picture)}: a1 d1`]);
});

Deno.test("sound that comes along with a picture does not make it wait longer", () => {
  const stage = new RenditionStage();
  stage.flusher.readers = 300;
  const { heard } = stage.listen();
  const picture = stage.flusher.window("picture");
  stage.write("V0 K0").flush().write("d1 a1").flush();
  stage.clock.advance(100);
  assertEquals(heard, ["0: <V>K0", `${Math.round(picture)}: d1 a1`]);
});

Deno.test("the end shows what waits in the window, tells why, and leaves no timer", () => {
  const stage = new RenditionStage();
  stage.flusher.readers = CROWD;
  const { subscription, heard } = stage.listen();
  stage.write("V0 K0").flush().write("d1").flush();
  assertEquals([heard.length, stage.clock.pending], [1, 1]);
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals(heard, ["0: <V>K0", "0: d1"]);
  assertEquals([subscription.ended?.reason, stage.clock.pending], ["stream-ended", 0]);
});

Deno.test("the end wakes a reader that has read everything", () => {
  const stage = new RenditionStage();
  const { heard } = stage.listen();
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals(heard, ["0: "]);
});

Deno.test("a reader that leaves while the others are woken disturbs nobody", () => {
  const stage = new RenditionStage();
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
  const stage = new RenditionStage();
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
  const stage = new RenditionStage();
  const [bad, good] = [stage.listen(), stage.listen()];
  bad.subscription.onReady = () => {
    throw new Error("broken driver");
  };
  stage.write("V0 K0").flush().write("d1").flush();
  assertEquals(good.heard, ["0: <V>K0", "0: d1"]);
  assertEquals(stage.failures.map(String), ["Error: broken driver"]);
  assertEquals(bad.subscription.ended?.reason, "left");
});
