import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AAC, ffmpeg, H264 } from "../real/ffmpeg.ts";
import { patiently } from "../support/patience.ts";
import { type BannerPorts, bannerPorts } from "../support/program.ts";
import { StrictFlv } from "../support/transports/strict_flv.ts";
import { AUTH_COMMANDS } from "./auth_commands.ts";
import { OPERATIONS_COMMANDS } from "./operations_commands.ts";
import { S3_COMMANDS } from "./s3_commands.ts";
import { SHIPPING_COMMANDS } from "./shipping_commands.ts";
import type { Clone } from "./clone.ts";
import { type CommandCheck, finishing, published, run, serving } from "./running.ts";
import { TRANSFER_COMMANDS } from "./transfer_commands.ts";

/** Every command line of the pages, and how it is checked; what is not run has the reason instead. */
export const COMMANDS: Readonly<Record<string, CommandCheck | { readonly notRun: string }>> = {
  "npx -y deno task demo": serving(async ({ http }) => {
    assertStringIncludes(await page(http), "<video");
    await playing(http, "live/demo");
  }),
  "npx -y deno task start": serving(async ({ http }) => {
    assertStringIncludes(await page(http), "<video");
  }),
  "ffmpeg -re -stream_loop -1 -i film.mp4 -c copy -f flv rtmp://localhost:1935/live/cam": publishing,
  "npx -y deno task test": { notRun: "it is what runs this test" },
  "deno task start --help": finishing(({ out }) => {
    for (const flag of ["--rtmp-port", "--http-port", "--log-level", "--plugins"]) assertStringIncludes(out, flag);
  }),
  "deno task start --rtmp-port 1936 --no-pages": serving(async ({ http }) => {
    const response = await fetch(`http://localhost:${http}/`);
    await response.body?.cancel();
    assertEquals(response.status, 404);
  }, { "1936": "0" }),
  "SLUICE_RTMP_PORT=1936 deno task start --print-config": finishing(({ out, err }) => {
    assertEquals(JSON.parse(out).rtmp.port, 1936);
    assertStringIncludes(err, "rtmp.port = 1936 (SLUICE_RTMP_PORT)");
  }),
  "deno task start --print-schema > sluice.schema.json": finishing(({ out }) => {
    const { properties } = JSON.parse(out);
    assert(properties.http.properties.port && properties["http-flv"], "the schema lacks settings");
  }),
  "deno task start --config sluice.jsonc --check": finishing(({ out }) => {
    assertEquals(out, "configuration is valid\n");
  }),
  "deno task start --config sluice.jsonc --print-config": finishing(({ out, err }) => {
    assertEquals(JSON.parse(out).republish, "reject");
    assertMatch(err, /^republish = "reject" \(sluice\.jsonc:\d+: republish\)$/m);
  }),
  "deno task start --config sluice.jsonc": async (line, clone) => {
    await clone.edit("sluice.jsonc", '"until": 8', '"until": 24');
    await serving(curfewHolds)(line, clone);
  },
  "deno task start --plugins full,./curfew.ts --curfew-until 8": serving(curfewHolds, {
    "--curfew-until 8": "--curfew-until 24",
  }),
  "deno task start --plugins full,./examples/auth.ts --example-auth-keys live/cam=sesame": serving(async ({ http }) => {
    assertEquals(await published(http, "live/cam"), [403, "Publishing live/cam needs a key"]);
    assertEquals(await published(http, "live/cam?key=sesame"), [200, undefined]);
  }),
  "deno task start --plugins full,./examples/webhook.ts --example-webhook-url http://localhost:9000/hook": webhookAsked,
  "deno task files 0.0.0.0 8100 --data-dir data": async (line, { folder }) => {
    await Deno.mkdir(`${folder}/data/flv/live/cam`, { recursive: true });
    await Deno.writeTextFile(`${folder}/data/flv/live/cam/20260101_100000.flv`, "FLV");
    await using program = run(line.replace("8100", "0"), folder);
    const [, base] = await program.until(/ pages +(http\S+)\/$/m);
    assertEquals(await (await fetch(`${base}/flv/live/cam/index.flv`)).text(), "FLV");
    assertEquals((await (await fetch(`${base}/api/v1/files`)).json()).total, 1);
  },
  ...AUTH_COMMANDS,
  ...TRANSFER_COMMANDS,
  ...SHIPPING_COMMANDS,
  ...OPERATIONS_COMMANDS,
  ...S3_COMMANDS,
};

async function publishing(line: string, clone: Clone): Promise<void> {
  const inputs = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440"];
  const film = await ffmpeg([...inputs, "-t", "2", ...H264, ...AAC, `${clone.folder}/film.mp4`]);
  assert(film.success, film.log);
  await using server = run("deno task start", clone.folder);
  const { http, rtmp } = await bannerPorts(server);
  await using encoder = run(line.replace(":1935/", `:${rtmp}/`), clone.folder);
  await playing(http, "live/cam");
  await encoder.stop("SIGINT");
}

/** With a curfew until midnight nobody publishes, whatever the hour. */
async function curfewHolds({ http }: BannerPorts): Promise<void> {
  assertEquals(await published(http, "live/cam"), [403, "Nobody publishes before 24"]);
}

async function webhookAsked(line: string, clone: Clone): Promise<void> {
  const asked = Promise.withResolvers<string>();
  await using backend = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { ask } = await request.json();
    if (ask) asked.resolve(ask);
    return new Response();
  });
  const address = `127.0.0.1:${backend.addr.port}`;
  await serving(async ({ http }) => {
    assertEquals((await published(http, "live/cam"))[0], 200);
    assertEquals(await patiently(asked.promise, () => "nobody was asked"), "publish");
  })(line.replace("localhost:9000", address), clone);
}

async function page(port: number): Promise<string> {
  const response = await fetch(`http://localhost:${port}/`);
  assertEquals(response.status, 200);
  return await response.text();
}

/** Plays over HTTP-FLV until a key picture and a sound have come. */
async function playing(port: number, path: string): Promise<void> {
  const response = await fetch(`http://localhost:${port}/${path}.flv`);
  assertEquals(response.status, 200);
  const flv = new StrictFlv();
  const missing = new Set(["key", "frame"]);
  const reading = async () => {
    for await (const bytes of response.body ?? []) {
      for (const { role } of flv.read(bytes)) missing.delete(role);
      if (missing.size === 0) return;
    }
  };
  await patiently(reading(), () => `${path} has no ${[...missing].join(" and no ")}`);
}
