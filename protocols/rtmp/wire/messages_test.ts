import { assertEquals } from "@std/assert";
import { decodeAmf0 } from "../../../media/amf/amf0.ts";
import { bytes } from "../../../media/testing.ts";
import { ChunkReader } from "./chunk_reader.ts";
import { MessageType, type RtmpMessage } from "./message.ts";
import { MessageWriter, UserControl } from "./messages.ts";

const CASES: readonly { name: string; write: (out: MessageWriter) => void; bytes: string }[] = [
  {
    name: "an acknowledgement",
    write: (out) => out.acknowledge(2_500_000),
    bytes: "02 000000 000004 03 00000000 002625a0",
  },
  {
    name: "an acknowledgement beyond the 32-bit wrap",
    write: (out) => out.acknowledge(2 ** 32 + 5),
    bytes: "02 000000 000004 03 00000000 00000005",
  },
  {
    name: "a window acknowledgement size",
    write: (out) => out.windowAcknowledgementSize(2_500_000),
    bytes: "02 000000 000004 05 00000000 002625a0",
  },
  {
    name: "a peer bandwidth, dynamic",
    write: (out) => out.setPeerBandwidth(2_500_000),
    bytes: "02 000000 000005 06 00000000 002625a0 02",
  },
  {
    name: "the beginning of a stream",
    write: (out) => out.userControl(UserControl.STREAM_BEGIN, 1),
    bytes: "02 000000 000006 04 00000000 0000 00000001",
  },
  {
    name: "a buffer length",
    write: (out) => out.userControl(UserControl.SET_BUFFER_LENGTH, 1, 3000),
    bytes: "02 000000 00000a 04 00000000 0003 00000001 00000bb8",
  },
  {
    name: "a command",
    write: (out) => out.command(1, "x", 2, null),
    bytes: '03 000000 00000e 14 01000000 02 0001 "x" 00 4000000000000000 05',
  },
];

for (const { name, write, bytes: expected } of CASES) {
  Deno.test(`the message writer writes ${name}`, () => {
    const out = new MessageWriter(128);
    write(out);
    assertEquals(out.take(), bytes(expected));
  });
}

Deno.test("the message writer uses a chunk size from the message behind its announcement on", () => {
  const out = new MessageWriter(128);
  const body = new Uint8Array(200).fill(0xaa);
  const message = (): RtmpMessage => ({ type: MessageType.VIDEO, streamId: 1, timestamp: 40, body });
  out.message(6, MessageType.VIDEO, 1, 40, body);
  out.setChunkSize(4096);
  out.message(6, MessageType.VIDEO, 1, 40, body);
  const written = out.take()!;
  assertEquals(written.length, (12 + 200 + 1) + (12 + 4) + (12 + 200));
  assertEquals(new ChunkReader().read(written), [message(), message()]);
});

Deno.test("the message writer gives what was written once, and leaves it unchanged", () => {
  const out = new MessageWriter(128);
  assertEquals(out.take(), undefined);
  out.command(0, "first", 0);
  const first = out.take()!;
  out.command(0, "second", 0);
  const names = [first, out.take()!].map((taken) => decodeAmf0(new ChunkReader().read(taken)[0].body)[0]);
  assertEquals(names, ["first", "second"]);
  assertEquals(out.take(), undefined);
});
