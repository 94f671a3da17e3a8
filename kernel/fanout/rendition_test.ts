import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Format } from "../../media/format.ts";
import { Closed } from "../reasons.ts";
import { LINGER_MS } from "./rendition.ts";
import { CROWD, RenditionStage } from "../testing/rendition_stage.ts";
import { settled } from "../testing/settled.ts";
import { readText, textFormat } from "../testing/text_format.ts";

Deno.test("each packet is encoded once, and all readers are given the same bytes", () => {
  const stage = new RenditionStage();
  const [a, b] = [stage.rendition.subscribe(), stage.rendition.subscribe()];
  stage.write("V0 A0 K0 a23").flush();
  const bytes = a.next();
  assertEquals(new TextDecoder().decode(bytes), "<V A>K0 a23 ");
  assertStrictEquals(b.next(), bytes);
});

Deno.test("what comes before the first key is left out, and so is what the format does not carry", () => {
  const stage = new RenditionStage();
  const { heard } = stage.listen();
  stage.write("m0 V0 A0 d0 a0").flush();
  assertEquals(heard, []);
  stage.write("K40 m40 d80").flush();
  assertEquals(heard, ["0: <V A>K40 d80"]);
});

Deno.test("the rendition closes a little after its last reader, once, and takes its timers along", () => {
  const stage = new RenditionStage();
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
  const stage = new RenditionStage({
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
  const stage = new RenditionStage();
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
  const ended = new RenditionStage();
  ended.rendition.subscribe()[Symbol.dispose]();
  ended.rendition.end(new Closed("stream-ended"));
  assertEquals([ended.emptied, ended.clock.pending], [1, 0]);
  const failing = new RenditionStage({ name: "failing", open: () => ({ role: fail, init: fail, write: fail }) });
  failing.rendition.subscribe()[Symbol.dispose]();
  failing.write("K0");
  assertEquals([failing.emptied, failing.clock.pending], [1, 0]);
});

function fail(): never {
  throw new Error("no");
}

Deno.test("for await reads batch by batch and ends with the stream", async () => {
  const stage = new RenditionStage();
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
  const stage = new RenditionStage();
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
  const stage = new RenditionStage(fragileFormat());
  const { subscription, heard } = stage.listen();
  stage.write("V0 K0").flush().write("d40 d80 d120").flush().write("K160").flush();
  assertEquals(heard, ["0: <V>K0", "0: "]);
  assertEquals([subscription.ended?.reason, stage.failures.length], ["error", 1]);
  stage.rendition.end(new Closed("stream-ended"));
  assertEquals([subscription.ended?.reason, heard.length, stage.clock.pending], ["error", 2, 0]);
});

Deno.test("a reader in no hurry is counted when it falls off", () => {
  const stage = new RenditionStage();
  const subscription = stage.rendition.subscribe();
  stage.write("V0 K0").flush();
  assertEquals(readText(subscription), "<V>K0 ");
  for (let i = 1; i <= 12; i++) {
    stage.clock.advance(2000);
    stage.write(`K${i}`).flush();
  }
  assertEquals([readText(subscription), subscription.skips], ["<V>K12 ", 1]);
});
