import { assertEquals, assertMatch } from "@std/assert";
import { RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { FIRST_CERTIFICATE } from "../support/certificates.ts";
import { patiently } from "../support/patience.ts";
import { bannerPorts } from "../support/program.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import type { Clone } from "./clone.ts";
import { type CommandCheck, published, run, serving } from "./running.ts";

/** The command lines of docs/operations.md, and how each is checked. */
export const OPERATIONS_COMMANDS: Readonly<Record<string, CommandCheck>> = {
  "deno task start --tls-cert cert.pem --tls-key key.pem": async (line, clone) => {
    await clone.write("cert.pem", FIRST_CERTIFICATE.cert);
    await clone.write("key.pem", FIRST_CERTIFICATE.key);
    await using server = run(`${line} --tls-port 0`, clone.folder);
    const [, port] = await server.until(/^ {2}https +https:\/\/localhost:(\d+)$/m);
    const maker = new StreamMaker();
    const tls = { ca: FIRST_CERTIFICATE.cert };
    const publisher = await RtmpPublishClient.connect(`rtmps://localhost:${port}/live/cam`, { tls });
    for (const tag of maker.head()) await publisher.write(tag);
    await publisher.close();
    const { code } = await server.stop();
    assertEquals(code, 0);
  },
  "curl -X POST http://localhost:8501/api/v1/reload": (line, clone) =>
    curled(line, clone, ({ changed, restart }) => assertEquals([changed, restart], [[], []])),
  "curl --data-binary @limits.jsonc http://localhost:8501/api/v1/config/check": (line, clone) =>
    curled(line, clone, ({ valid, changed }) => {
      assertEquals(valid, true);
      assertEquals((changed as string[]).includes("limits.streams"), true);
    }),
  "curl -X POST http://localhost:8501/api/v1/drain": (line, clone) =>
    curled(line, clone, async ({ isDraining }, http) => {
      assertEquals(isDraining, true);
      assertEquals((await published(http, "live/cam"))[0], 503);
    }),
  "OTEL_DENO=true OTEL_SERVICE_NAME=sluice OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 deno task start":
    tracesCome,
  "deno task status": (line, clone) =>
    serving(async ({ http }) => {
      await using status = run(`${line} http://localhost:${http}`, clone.folder);
      const { code, out, err } = await status.over();
      assertEquals(code, 0, err);
      assertMatch(out, /^Sluice [\d.]+ runs for \d+ s/);
    })("deno task start", clone),
};

/** Runs a command with a collector of the test's in the place of the one that it names, and waits until traces come. */
async function tracesCome(line: string, clone: Clone): Promise<void> {
  const come = Promise.withResolvers<void>();
  await using collector = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.body?.cancel();
    if (request.url.endsWith("/v1/traces")) come.resolve();
    return new Response();
  });
  const usable = line.replace("localhost:4318", `127.0.0.1:${collector.addr.port}`);
  await serving(async ({ http }) => {
    assertEquals((await published(http, "live/cam"))[0], 200);
    await patiently(come.promise, () => "no trace came");
  })(`OTEL_BSP_SCHEDULE_DELAY=50 ${usable}`, clone);
}

/** Runs a command line against a server on a free port, and looks at the JSON that it prints. */
async function curled(
  line: string,
  clone: Clone,
  check: (answer: Record<string, unknown>, http: number) => void | Promise<void>,
): Promise<void> {
  await using server = run("deno task start", clone.folder);
  const { http } = await bannerPorts(server);
  await using client = run(line.replace("8501", String(http)), clone.folder);
  const { code, out, err } = await client.over();
  assertEquals(code, 0, err);
  await check(JSON.parse(out), http);
  await server.stop();
}
