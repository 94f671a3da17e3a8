import { assertEquals } from "@std/assert";
import { TestServer } from "../support/test_server.ts";
import { TestSocket } from "../support/test_socket.ts";
import { Bystanders } from "./bystanders.ts";
import { isServed, untilServed } from "./until_served.ts";

const SPARE = 3;
const LIMIT = Bystanders.sessions + SPARE;

for (const limits of [{ connections: LIMIT }, { connectionsPerAddress: LIMIT }]) {
  Deno.test(`beyond ${Object.keys(limits)[0]} a connection is refused, and taken again when there is room`, async () => {
    await using server = await TestServer.start({ config: { limits: { ...limits, firstByteSeconds: 600 } } });
    await using bystanders = await Bystanders.start(server);
    for (let round = 0; round < 3; round++) {
      const hoarded: TestSocket[] = [];
      for (let i = 0; i < SPARE; i++) hoarded.push(await TestSocket.open(server.port));
      for (let i = 0; i < 50; i++) assertEquals(await isServed(server), false);
      await bystanders.goOn();
      for (const socket of hoarded) await socket.cut();
      await untilServed(server);
    }
    await bystanders.assertUnharmed();
    assertEquals(server.logged.filter(({ level }) => level === "warning").length > 0, true, "nothing was said");
  });
}
