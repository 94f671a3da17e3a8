import type { Socket } from "node:net";
import { errorText } from "../../../kernel/error_text.ts";
import type { Logger } from "../../../kernel/log/log.ts";
import { BadNameError } from "../../../kernel/names.ts";
import { Refusal } from "../../../kernel/reasons.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { ServerMachine } from "./server_machine.ts";

/** Lets a connection that there is no room for come as far as `connect`, and refuses that in words. */
export function refuseConnection(socket: Socket, first: Uint8Array, why: string): void {
  const machine = new ServerMachine();
  const receive = (bytes: Uint8Array) => {
    try {
      const asks = machine.receive(bytes).some(({ type }) => type === "connect");
      if (asks) machine.rejectConnect(why);
      for (let answer = machine.take(); answer; answer = machine.take()) socket.write(answer);
      if (!asks) return;
      socket.off("data", receive);
      socket.end();
      socket.resume();
    } catch (error) {
      if (!(error instanceof RtmpProtocolError)) throw error;
      socket.destroy();
    }
  };
  socket.on("data", receive);
  receive(first);
}

/** What a peer is told when its request failed; what is no fault of its own is logged and told without details. */
export function asRefusal(error: unknown, log: Logger): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BadNameError) return new Refusal("bad-name", error.message);
  log.error(`An RTMP request failed: ${errorText(error)}`, { error });
  return new Refusal("error", "The server failed to answer this request");
}
