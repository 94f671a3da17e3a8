import { Amf0Reader } from "../../../media/amf/amf0.ts";
import { type AmfObject, type AmfValue, propertiesOf } from "../../../media/amf/amf_value.ts";
import { FormatError } from "../../../media/errors.ts";
import { RtmpProtocolError } from "./errors.ts";
import { MessageType, type RtmpMessage } from "./message.ts";

/**
 * The longest command that is read, in bytes. Real ones have a few hundred, with the longest tokens in use some
 * thousands; what they say is kept as long as the connection lasts.
 */
const MAX_COMMAND_BYTES = 65_536;

/** A command message (RTMP 1.0, section 7.2): name, transaction and what follows. */
export interface Command {
  readonly name: string;
  /** 0 when no answer is wanted. */
  readonly transaction: number;
  /** The command object and the arguments behind it. */
  readonly values: readonly AmfValue[];
  readonly streamId: number;
}

/**
 * Reads a command in AMF0 or AMF3; what follows its last whole value is left out, as some encoders cut it short.
 *
 * Undefined when it has no name.
 */
export function readCommand(message: RtmpMessage): Command | undefined {
  const [name, transaction, ...values] = readValues(amf0Body(message));
  if (typeof name !== "string") return undefined;
  return { name, transaction: typeof transaction === "number" ? transaction : 0, values, streamId: message.streamId };
}

/**
 * Like {@linkcode readCommand}, for a machine that tells its driver of nothing but the peer's faults.
 *
 * @throws {RtmpProtocolError} when the command cannot be read, or is longer than {@linkcode MAX_COMMAND_BYTES}
 */
export function readPeerCommand(message: RtmpMessage): Command | undefined {
  const { length } = message.body;
  if (length > MAX_COMMAND_BYTES) {
    throw new RtmpProtocolError(`The peer sent a command of ${length} bytes; it can have ${MAX_COMMAND_BYTES}`);
  }
  try {
    return readCommand(message);
  } catch (error) {
    if (error instanceof FormatError) throw new RtmpProtocolError(`The peer sent a bad command: ${error.message}`);
    throw error;
  }
}

/** The AMF0 in a message's body: those of AMF3 types begin with a byte that says in which AMF the first value is. */
export function amf0Body({ type, body }: RtmpMessage): Uint8Array {
  const isAmf3 = type === MessageType.COMMAND_AMF3 || type === MessageType.DATA_AMF3;
  return isAmf3 && body[0] === 0 ? body.subarray(1) : body;
}

/** An argument as a text; encoders without a stream key send `false`, null or nothing. */
export function textArgument(command: Command, index: number): string {
  const value = command.values[index];
  return typeof value === "string" ? value : "";
}

/** The command object, or an argument, as named values. */
export function objectArgument(command: Command, index: number): AmfObject {
  return propertiesOf(command.values[index]) ?? Object.create(null);
}

function readValues(body: Uint8Array): AmfValue[] {
  const reader = new Amf0Reader(body);
  const values: AmfValue[] = [];
  try {
    while (!reader.done) values.push(reader.read());
  } catch (error) {
    if (!(error instanceof FormatError) || values.length < 2) throw error;
  }
  return values;
}
