import { assertEquals, assertThrows } from "@std/assert";
import { encodeAmf0 } from "../../../media/amf/amf0.ts";
import { type AmfValue, EcmaArray } from "../../../media/amf/amf_value.ts";
import { concat } from "../../../media/bytes.ts";
import { FormatError } from "../../../media/errors.ts";
import { beginnings, bytes } from "../../../media/testing.ts";
import { type Command, objectArgument, readCommand, textArgument } from "./command.ts";
import { MessageType } from "./message.ts";

const CASES: readonly { name: string; type?: number; body: Uint8Array; command: Partial<Command> | undefined }[] = [
  {
    name: "a command with an object and arguments",
    body: encodeAmf0("play", 4, null, "cam", -2000, -1, true),
    command: { name: "play", transaction: 4, values: [null, "cam", -2000, -1, true] },
  },
  {
    name: "a command of AMF3, whose values are in AMF0",
    type: MessageType.COMMAND_AMF3,
    body: concat([Uint8Array.of(0), encodeAmf0("createStream", 2, null)]),
    command: { name: "createStream", transaction: 2, values: [null] },
  },
  {
    name: "a command of AMF3 without the byte before it",
    type: MessageType.COMMAND_AMF3,
    body: encodeAmf0("createStream", 2, null),
    command: { name: "createStream", transaction: 2, values: [null] },
  },
  {
    name: "a command of AMF3 with an argument in AMF3",
    type: MessageType.COMMAND_AMF3,
    body: concat([Uint8Array.of(0), encodeAmf0("publish", 3, null), bytes('11 06 07 "cam"')]),
    command: { name: "publish", transaction: 3, values: [null, "cam"] },
  },
  { name: "a command without a transaction", body: encodeAmf0("close"), command: { transaction: 0, values: [] } },
  {
    name: "a command whose transaction is no number",
    body: encodeAmf0("close", "1", null),
    command: { transaction: 0, values: [null] },
  },
  {
    name: "a command that is cut off behind its transaction",
    body: concat([encodeAmf0("FCPublish", 3, null), bytes('02 0009 "ca"')]),
    command: { name: "FCPublish", transaction: 3, values: [null] },
  },
  { name: "no command in a message without a name", body: encodeAmf0(1, 2, null), command: undefined },
  { name: "no command in an empty message", body: new Uint8Array(0), command: undefined },
];

for (const { name, type = MessageType.COMMAND_AMF0, body, command } of CASES) {
  Deno.test(`a command message holds ${name}`, () => {
    const read = readCommand({ type, streamId: 7, timestamp: 0, body });
    assertEquals(read, command && { ...read!, ...command, streamId: 7 });
  });
}

Deno.test("a command message that is cut off before its transaction is refused", () => {
  for (const body of beginnings(encodeAmf0("publish", 5))) {
    if (body.length === 0 || body.length === 10) continue;
    const read = () => readCommand({ type: MessageType.COMMAND_AMF0, streamId: 1, timestamp: 0, body });
    assertThrows(read, FormatError);
  }
});

Deno.test("a command's arguments are taken as texts and objects, whatever the peer sent", () => {
  const command = (value: AmfValue): Command => ({ name: "x", transaction: 0, streamId: 0, values: [null, value] });
  assertEquals(textArgument(command("cam"), 1), "cam");
  for (const value of [false, null, undefined, 5, ["cam"]]) assertEquals(textArgument(command(value), 1), "");
  assertEquals(textArgument(command("cam"), 2), "");
  assertEquals(objectArgument(command({ a: 1 }), 1).a, 1);
  assertEquals(objectArgument(command(new EcmaArray({ a: 1 })), 1).a, 1);
  assertEquals(Object.keys(objectArgument(command("cam"), 1)), []);
});
