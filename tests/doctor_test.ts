import { assertEquals } from "@std/assert";
import { api } from "../plugins/api/plugin.ts";
import { doctor } from "../plugins/doctor/plugin.ts";
import { httpGet } from "./support/http_get.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";

const API = { token: "write-write-write", readToken: "read-read-read-read" };

Deno.test("what is not well with a stream is logged once and shown by the API, and is forgotten when it is over", async () => {
  const config = { api: API, publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };
  await using server = await TestServer.start({ late: [doctor(), api()], config });
  await using publisher = await rtmpTransport.publish(server, "live/cam");
  const maker = new StreamMaker({ audio: null, gopPictures: 100 });
  const tags = [...maker.head(), ...maker.gops(3)];
  publisher.write(tags);
  await server.received("live/cam", tags.at(-1)!);
  const warnings = async (): Promise<string[]> => {
    const { text } = await httpGet(server.port, "/api/v1/streams/live/cam", { headers: { Host: "localhost" } });
    return JSON.parse(text).warnings.map(({ code, severity }: { code: string; severity: string }) =>
      `${severity} ${code}`
    );
  };
  assertEquals(await warnings(), []);
  server.clock.advance(5000);
  // The made pictures are of a rare profile.
  assertEquals(await warnings(), ["warning key-frames-far", "info no-audio", "info codec-rare"]);
  server.clock.advance(20_000);
  const lines = server.logged.filter(({ category }) => category.includes("doctor")).map(({ level }) => level);
  assertEquals(lines, ["warning", "info", "info"]);
  await server.server.reload({ ...server.server.config, doctor: { keyFrameSeconds: 20 } });
  server.clock.advance(65_000);
  assertEquals(await warnings(), ["info no-audio", "info codec-rare"]);
  await publisher.end();
  await server.event("stream:end");
  await using again = await rtmpTransport.publish(server, "live/cam");
  again.write(new StreamMaker({ seed: 1 }).head());
  server.clock.advance(1000);
  assertEquals(await warnings(), []);
});
