import { assertEquals, assertMatch, assertNotEquals, assertNotMatch, assertRejects } from "@std/assert";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { turn } from "./support/eventually.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { chunk, readAnswer, readHead, sendRequest } from "./support/http_exchange.ts";
import { bannerPorts, Program, ROOT } from "./support/program.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { StrictFlv } from "./support/transports/strict_flv.ts";
import { TestSocket } from "./support/test_socket.ts";
import { findCommand } from "./setup.ts";

const ANY_PORTS = ["--http-port", "0", "--rtmp-port", "0"];
const QUIETLY = ["--log-level", "off", ...ANY_PORTS];

async function finished(args: string[], env: Record<string, string> = {}) {
  const { code, out, err } = await Program.server(args, { env }).over();
  return { code, out: out.trim(), err: err.trim() };
}

/** Runs the test in a folder of its own that holds these files. */
async function inFolder(files: Record<string, string>, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the server says its version", async () => {
  const { code, out } = await finished(["--version"]);
  assertEquals(code, 0);
  assertMatch(out, /^server\.ts \d+\.\d+\.\d+$/);
});

const SLIPS = [
  {
    name: "an unknown variable",
    args: ["start"],
    env: { SLUICE_HTPP_PORT: "1" },
    err: "SLUICE_HTPP_PORT is not a setting; did you mean SLUICE_HTTP_PORT?",
  },
  {
    name: "an unknown flag",
    args: ["start", "--htpp-port", "1"],
    err: "--htpp-port is not a known flag; did you mean --http-port?",
  },
  {
    name: "a bad value",
    args: ["start", "--http-port", "web"],
    err: '--http-port is "web", but must be a whole number from 0 to 65535.',
  },
  { name: "an unknown command", args: ["strat"], err: '"strat" is not a command; did you mean start?' },
  {
    name: "a missing file",
    args: ["start", "--config", "nothing.jsonc"],
    err: 'Cannot read the configuration file "nothing.jsonc": it does not exist.',
  },
  {
    name: "a missing plugin",
    args: ["start", "--plugins", "./nothing.ts"],
    err: /^Cannot load the plugin "\.\/nothing\.ts": Module not found .*\.$/,
  },
];

for (const { name, args, env, err } of SLIPS) {
  Deno.test(`${name} is said in one sentence, exit code 2`, async () => {
    const found = await finished(args, env);
    assertEquals([found.code, found.out], [2, ""]);
    if (typeof err === "string") assertEquals(found.err, err);
    else assertMatch(found.err, err);
  });
}

Deno.test("what is wrong in a file is said with its line, exit code 2", async () => {
  const text = `{
    // Everything at once.
    "http": { "prot": 8080 },
    "republish": "never"
  }`;
  await inFolder({ "sluice.jsonc": text }, async (cwd) => {
    const { code, out, err } = await Program.server(["start", "--config", "sluice.jsonc"], { cwd }).over();
    assertEquals({ code, out, err }, {
      code: 2,
      out: "",
      err: "sluice.jsonc:3: http.prot is not a setting; did you mean port?\n" +
        'sluice.jsonc:4: republish is "never", but must be "auto", "reject" or "takeover".\n',
    });
  });
});

Deno.test("deno.json in the working folder is read, and a file, the environment and flags are stronger", async () => {
  const files = {
    "deno.json": '{ "sluice": { "graceSeconds": 1, "waitSeconds": 1, "keepSeconds": 1, "stallSeconds": 1 } }',
    "sluice.jsonc": '{ "waitSeconds": 2, "keepSeconds": 2, "stallSeconds": 2 }',
  };
  const env = { SLUICE_CONFIG: "sluice.jsonc", SLUICE_KEEP_SECONDS: "3", SLUICE_STALL_SECONDS: "3" };
  await inFolder(files, async (cwd) => {
    const { code, out } = await Program.server(["start", "--print-config", "--stall-seconds=4"], { cwd, env }).over();
    const { graceSeconds, waitSeconds, keepSeconds, stallSeconds } = JSON.parse(out);
    assertEquals([code, graceSeconds, waitSeconds, keepSeconds, stallSeconds], [0, 1, 2, 3, 4]);
  });
});

Deno.test("a busy port is said in one sentence, exit code 1, and servers with ports of their own get on", async () => {
  await using first = Program.server(["start", ...QUIETLY]);
  await using second = Program.server(["start", ...QUIETLY]);
  const [ports, others] = [await bannerPorts(first), await bannerPorts(second)];
  assertNotEquals(ports, others);
  const busy = (name: string, port: number) => ({
    code: 1,
    out: "",
    err:
      `Cannot listen on port ${port} for ${name}: another program uses it. Choose another port with --${name}-port ` +
      `or SLUICE_${name.toUpperCase()}_PORT.`,
  });
  assertEquals(await finished([...QUIETLY, "--http-port", `${ports.http}`]), busy("http", ports.http));
  assertEquals(await finished([...QUIETLY, "--rtmp-port", `${ports.rtmp}`]), busy("rtmp", ports.rtmp));
  for (const { http } of [ports, others]) {
    const response = await fetch(`http://127.0.0.1:${http}/`);
    assertEquals(response.status, 200);
    await response.body?.cancel();
  }
});

/** Publishes over HTTP until the connection is cut. */
async function upload(port: number, target: string): Promise<TestSocket> {
  const maker = new StreamMaker();
  const socket = await TestSocket.open(port);
  sendRequest(socket, "POST", target, { "Transfer-Encoding": "chunked" });
  socket.send(chunk(flvFile([...maker.head(), ...maker.gops(2)])));
  return socket;
}

/** Plays over HTTP; the reader fails on whatever is not strictly FLV. */
async function download(port: number, target: string): Promise<{ socket: TestSocket; flv: StrictFlv }> {
  const socket = await TestSocket.open(port);
  sendRequest(socket, "GET", target);
  assertEquals((await readHead(socket))?.status, 200);
  const flv = new StrictFlv();
  socket.flow((bytes) => void flv.read(bytes));
  return { socket, flv };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} ends publishers and players in their protocols and the server with exit code 0`, async () => {
    // Were any of them waited for, this would take longer than a test may.
    await using server = Program.server(["start", "--shutdown-seconds", "300", ...ANY_PORTS]);
    const { http, rtmp } = await bannerPorts(server);
    await using publisher = await RtmpPublishClient.connect(`rtmp://127.0.0.1:${rtmp}/live/rtmp`);
    const maker = new StreamMaker();
    for (const tag of [...maker.head(), ...maker.gops(2)]) await publisher.write(tag);
    await using uploading = await upload(http, "/live/http");
    await using player = await RtmpPlayClient.connect(`rtmp://127.0.0.1:${rtmp}/live/http`);
    const downloading = await download(http, "/live/rtmp.flv");
    await using _ = downloading.socket;
    const answer = readAnswer(uploading);

    const { code, out } = await server.stop(signal);
    assertEquals(code, 0);
    assertMatch(out, /\nStopping: streams end and files are completed, at most 300 s\. Once more to stop at once\.\n$/);
    assertEquals((await publisher.closed).code, "NetStream.Unpublish.Success");
    assertEquals(await answer, { status: "503", message: "the server is stopping" });
    assertEquals((await player.closed).code, "NetStream.Play.UnpublishNotify");
    assertEquals([await downloading.socket.over(), downloading.flv.isWhole], ["end", true]);
  });
}

Deno.test("a second signal ends a server that takes long to stop, with the signal's exit code", async () => {
  const stuck = `export default {
    name: "stuck",
    settings: {},
    setup: (ctx) => ctx.defer(() => new Promise(() => {})),
  };`;
  await inFolder({ "stuck.js": stuck }, async (cwd) => {
    const args = ["start", "--plugins", "http-flv,./stuck.js", "--http-port", "0", "--shutdown-seconds", "300"];
    await using server = Program.server(args, { cwd });
    await bannerPorts(server);
    server.kill("SIGTERM");
    await server.until(/\nStopping: /);
    let isOver = false;
    server.ended.then(() => isOver = true);
    while (!isOver) {
      server.kill("SIGINT");
      await turn();
    }
    assertEquals((await server.over()).code, 130);
  });
});

/** A plugin that logs a line and then stops the start. */
const TALKATIVE = `export default {
  name: "talkative",
  settings: {},
  setup(ctx) {
    ctx.log.info("so it begins", { stream: "live/cam", url: "rtmp://host/live/cam?key=s3cr3t" });
    throw new Error("That is enough");
  },
};`;

Deno.test("where nobody watches, the log is one JSON object a line, and the last word one sentence", async () => {
  await inFolder({ "talkative.js": TALKATIVE }, async (cwd) => {
    const { code, out, err } = await Program.server(["start", "--plugins", "./talkative.js"], { cwd }).over();
    const [line, ...rest] = err.split("\n");
    const { "@timestamp": time, ...record } = JSON.parse(line);
    assertEquals({ code, out, rest, record }, {
      code: 1,
      out: "",
      rest: ["server.ts: That is enough", ""],
      record: {
        level: "INFO",
        message: "so it begins",
        logger: "sluice.talkative",
        properties: { stream: "live/cam", url: "rtmp://host/live/cam?***" },
      },
    });
    assertEquals(new Date(time).toISOString(), time);
  });
});

for (const isPlain of [false, true]) {
  Deno.test({
    name: `on a terminal, the log is in lines for people, ${isPlain ? "plain with NO_COLOR" : "in colours"}`,
    ignore: !findCommand(["script"]),
    async fn() {
      await inFolder({ "talkative.js": TALKATIVE }, async (cwd) => {
        const command = [Deno.execPath(), "run", "-A", "--no-check", `${ROOT}server.ts`, "--plugins", "./talkative.js"];
        const env = { NO_COLOR: isPlain ? "1" : "", TERM: "xterm-256color", SHELL: "/bin/sh" };
        const { code, out } = await Program.start("script", ["-qefc", command.join(" "), "/dev/null"], { cwd, env })
          .over();
        assertEquals(code, 1);
        // deno-lint-ignore no-control-regex
        assertEquals(/\x1b\[/.test(out), !isPlain, out);
        // deno-lint-ignore no-control-regex
        const plain = out.replace(/\x1b\[[\d;]*[A-Za-z]/g, "").trim();
        assertMatch(
          plain,
          /^[\d-]+ [\d:.]+ INF talkative: so it begins stream=live\/cam url=\S+\?\*\*\*\r\nserver\.ts: That is enough$/,
        );
      });
    },
  });
}

Deno.test("no key is in any output, whatever the log level", async () => {
  const env = { SLUICE_EXAMPLE_AUTH_KEYS: "live/cam=s3cr3t", SLUICE_DEMO_KEY: "s3cr3t" };
  const plugins = ["--plugins", "rtmp,http-flv,ws-flv,pages,demo,./examples/auth.ts"];
  const printed = await Program.server(["start", "--print-config", ...plugins], { env }).over();
  assertEquals(printed.code, 0);
  await using server = Program.server(["demo", "--log-level", "debug", ...plugins, ...ANY_PORTS], { env });
  const { http, rtmp } = await bannerPorts(server);

  const wrong = await upload(http, "/live/cam?key=wr0ng");
  assertEquals((await readAnswer(wrong)).status, "403");
  await wrong.cut();
  const address = `rtmp://127.0.0.1:${rtmp}/live/cam`;
  await assertRejects(() => RtmpPublishClient.connect(`${address}?key=wr0ng`), RtmpClientError);
  await using publisher = await RtmpPublishClient.connect(`${address}?key=s3cr3t`);
  const maker = new StreamMaker();
  for (const tag of [...maker.head(), ...maker.gops(2)]) await publisher.write(tag);
  const { socket } = await download(http, "/live/cam.flv?token=s3cr3t");
  const again = await upload(http, "/live/cam?key=s3cr3t");
  await server.until(/publish resumed|publish started.*http-flv/, "err");

  const { out, err } = await server.stop();
  await Promise.all([socket.cut(), again.cut()]);
  assertMatch(err, /publish started/);
  assertMatch(err, /session ended/);
  assertNotMatch(printed.out + printed.err + out + err, /s3cr3t|wr0ng/);
});
