import { assertEquals, assertMatch } from "@std/assert";

const SERVER = new URL("./server.ts", import.meta.url).pathname;

function spawn(args: string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SERVER, ...args],
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function finished(args: string[], env?: Record<string, string>) {
  const { code, stdout, stderr } = await spawn(args, env).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout).trim(), err: decoder.decode(stderr).trim() };
}

/** Starts a server and waits for the banner. */
async function started(args: string[]) {
  const child = spawn(["start", "--plugins", "http-flv", "--log-level", "off", ...args]);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let banner = "";
  while (!banner.includes("Open\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The server ended before its banner was complete: ${banner}`);
    banner += value;
  }
  return { child, banner, drain: () => drain(reader), port: /localhost:(\d+)/.exec(banner)?.[1] ?? "" };
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  return text;
}

Deno.test("the server says its version", async () => {
  const { code, out } = await finished(["--version"]);
  assertEquals(code, 0);
  assertMatch(out, /^server\.ts \d+\.\d+\.\d+$/);
});

Deno.test("the server refuses to start with a setting that it does not know", async () => {
  assertEquals(await finished(["start"], { SLUICE_HTPP_PORT: "1" }), {
    code: 2,
    out: "",
    err: "SLUICE_HTPP_PORT is not a setting; did you mean SLUICE_HTTP_PORT?",
  });
});

Deno.test("the server starts, says so, keeps its port to itself, and stops on a signal with exit code 0", async () => {
  const { child, banner, drain, port } = await started(["--http-port", "0"]);
  assertMatch(banner, /^Sluice \d+\.\d+\.\d+ is running\n {2}http {2}http:\/\/localhost:\d+\n/);
  assertEquals(await finished(["--plugins", "http-flv", "--http-port", port]), {
    code: 1,
    out: "",
    err:
      `Cannot listen on port ${port} for http: another program uses it. Choose another port with --http-port or SLUICE_HTTP_PORT.`,
  });
  child.kill("SIGTERM");
  assertMatch(await drain(), /Stopping: .*\n$/);
  assertEquals((await child.status).code, 0);
  assertEquals(await new Response(child.stderr).text(), "");
});
