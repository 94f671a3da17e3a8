import { assertEquals } from "@std/assert";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { concat } from "../../media/bytes.ts";
import { FlvOutbox } from "./flv_outbox.ts";

Deno.test("metadata is sent with the time 0 however late it comes, all else with its own", () => {
  const sent: Uint8Array[] = [];
  const outbox = new FlvOutbox((bytes) => sent.push(bytes));
  const script = Uint8Array.from([2, 0, 10, ...new TextEncoder().encode("onMetaData"), 3, 0, 0, 9]);
  outbox.add({ kind: "data", role: "metadata", dts: 5_000_000, body: script });
  outbox.add({ kind: "audio", role: "frame", dts: 5_000_999, body: Uint8Array.from([0xaf, 1, 0]) });
  outbox.flush();
  const packets = new FlvDemuxer().read(concat(sent));
  assertEquals(packets.map(({ kind, dts }) => [kind, dts]), [["data", 0], ["audio", 5_000_000]]);
});
