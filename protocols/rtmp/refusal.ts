import type { Socket } from "node:net";
import { RtmpProtocolError } from "./errors.ts";
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
