import { turn } from "../support/eventually.ts";
import { patiently } from "../support/patience.ts";
import type { TestSocket } from "../support/test_socket.ts";

/** Sends what `next` gives, as fast as the server takes it, until the server has closed the connection. */
export async function insist(socket: TestSocket, next: () => Uint8Array): Promise<void> {
  let isOver = false;
  const ended = socket.ended.then(() => isOver = true);
  const sending = async () => {
    while (!isOver) {
      await Promise.race([socket.sendAlone(next()), ended]);
      await turn();
    }
  };
  try {
    await patiently(sending(), () => "the peer was not dropped");
  } finally {
    isOver = true;
  }
}
