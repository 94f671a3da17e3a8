import { publishOver } from "./support/transports/http_flv_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

/** Groups of pictures that a publisher still sends before it drops: some hundred kilobytes, more than one read brings. */
const BURST = 40;

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: a publisher that drops, and returns before all that it has sent is read, is not in its own way`, async () => {
    await using server = await TestServer.start({ config: { republish: "reject" } });
    const maker = new StreamMaker();
    const publisher = await transport.publish(server, "live/cam");
    const socket = await TestSocket.open(server.port);
    publisher.write([...maker.head(), ...maker.gops(BURST)]);
    const gone = publisher.vanish();
    const again = await publishOver(socket, server, "live/cam");
    await again.end();
    await gone;
  });
}
