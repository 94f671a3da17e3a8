import { assertEquals } from "@std/assert";
import { House, keyOf } from "../../kernel/testing/house.ts";
import { FakeSource } from "../../kernel/testing/fake_source.ts";
import { CLUSTER_PROTOCOL, onPublished } from "./published.ts";

function stage() {
  const house = new House();
  const begun: string[] = [];
  onPublished(
    { on: (name, handler) => void house.hooks.on(name, handler, "test", 0) },
    ({ stream, session }) => void begun.push(`${stream.id} ${session.protocol}`),
  );
  return { house, begun };
}

Deno.test("what is published begins once, however often its publisher returns", async () => {
  const { house, begun } = stage();
  (await house.publish())[Symbol.dispose]();
  await house.publish();
  assertEquals(begun, ["live/cam rtmp"]);
  house.streams.close();
});

Deno.test("a copy of another node begins when a publisher comes for it, and one of any other source at once", async () => {
  const { house, begun } = stage();
  const copy = Object.assign(new FakeSource(), { name: CLUSTER_PROTOCOL, givesWay: true });
  house.streams.bring(keyOf("cam"), copy);
  assertEquals(begun, []);
  await house.publish();
  house.streams.bring(keyOf("other"), new FakeSource());
  assertEquals(begun, ["live/cam rtmp", "live/other edge"]);
  house.streams.close();
});
