import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RtmpPlayClient } from "../protocols/rtmp/client.ts";
import { CertificateFolder, FIRST_CERTIFICATE } from "./support/certificates.ts";
import { bannerPorts, Program } from "./support/program.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { HttpFlvPublishClient } from "../protocols/http_flv/client.ts";
import { TestSocket } from "./support/test_socket.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";

/** A server of its own process with a settings file in a folder of its own. */
class Running implements AsyncDisposable {
  private constructor(readonly folder: string, readonly program: Program, readonly http: number) {}

  static async start(settings: object, args: readonly string[] = []): Promise<Running> {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/sluice.jsonc`, JSON.stringify(settings, null, 2));
    const program = Program.server(["start", "--config", "sluice.jsonc", ...args], {
      cwd: folder,
      env: { SLUICE_HTTP_PORT: "0", SLUICE_RTMP_PORT: "0", SLUICE_DATA_DIR: `${folder}/data` },
    });
    const { http } = await bannerPorts(program);
    return new Running(folder, program, http);
  }

  write(settings: object): Promise<void> {
    return Deno.writeTextFile(`${this.folder}/sluice.jsonc`, JSON.stringify(settings, null, 2));
  }

  async publish(): Promise<HttpFlvPublishClient> {
    const maker = new StreamMaker();
    const publisher = await HttpFlvPublishClient.connect(`http://localhost:${this.http}/live/cam`);
    for (const tag of [...maker.head(), ...maker.gop()]) await publisher.write(tag);
    await this.program.until(/publish started/, "err");
    return publisher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function played(port: number): Promise<number | undefined> {
  await using socket = await TestSocket.open(port);
  sendRequest(socket, "GET", "/live/cam.flv");
  return (await readHead(socket))?.status;
}

Deno.test("SIGHUP takes the changed settings of a file while a stream goes on, and a bad file changes nothing", async () => {
  await using running = await Running.start({ limits: { viewersPerStream: 0 } });
  const { program, http } = running;
  const publisher = await running.publish();
  assertEquals(await played(http), 200);
  await running.write({ limits: { viewersPerStream: 1 }, rtmp: { host: "127.0.0.1" } });
  program.kill("SIGHUP");
  await program.until(/SIGHUP: limits\.viewersPerStream changed\.\nA new start is needed for rtmp\.host\.\n/, "err");
  await using one = await TestSocket.open(http);
  sendRequest(one, "GET", "/live/cam.flv");
  assertEquals((await readHead(one))?.status, 200);
  assertEquals(await played(http), 503);
  await running.write({ limits: { viewersPerStream: -1 } });
  program.kill("SIGHUP");
  await program.until(
    /SIGHUP, but the settings stay as they were:\n {2}sluice\.jsonc:3: limits\.viewersPerStream is -1/,
    "err",
  );
  assertEquals(await played(http), 503);
  await publisher.close();
});

Deno.test("status shows a running server, and says in words when there is none", async () => {
  await using running = await Running.start({});
  const publisher = await running.publish();
  await using shown = Program.server(["status", `http://localhost:${running.http}`]);
  const { code, out, err } = await shown.over();
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^Sluice [\d.]+ runs for \d+ s, \d+ MB of memory/);
  assertMatch(
    out,
    /^live\/cam {2}live +\d+ s +\d+ +0 +http-flv 127\.0\.0\.1:\d+|^live\/cam {2}live +\d+ s +\d+ +0 +http-flv \[::1\]:\d+/m,
  );
  assertStringIncludes(out, "1 stream, 0 players, 1 session");
  await publisher.close();
  await running.program.stop();
  await using none = Program.server(["status", `http://localhost:${running.http}`]);
  const end = await none.over();
  assertEquals([end.code, end.out], [1, ""]);
  assertMatch(end.err, /No server answers at http:\/\/localhost:\d+: is it running, and is this its address\?/);
});

Deno.test("SIGUSR2 empties a server: nobody is let in, and it ends with code 0 when the last one has left", async () => {
  await using running = await Running.start({});
  const { program, http } = running;
  const publisher = await running.publish();
  program.kill("SIGUSR2");
  await program.until(/SIGUSR2: nobody is let in any more/, "err");
  assertEquals(await played(http), 503);
  const ready = await fetch(`http://localhost:${http}/readyz`);
  assertEquals([ready.status, await ready.json()], [503, { status: "draining" }]);
  await publisher.close();
  const { code } = await program.over();
  assertEquals(code, 0);
});

Deno.test("the command line serves TLS, and says where", async () => {
  await using files = await CertificateFolder.make();
  await using running = await Running.start({}, ["--tls-cert", files.cert, "--tls-key", files.key, "--tls-port", "0"]);
  const [, port] = await running.program.until(/^ {2}https +https:\/\/localhost:(\d+)$/m);
  const publisher = await running.publish();
  const player = await RtmpPlayClient.connect(`rtmps://localhost:${port}/live/cam`, {
    tls: { ca: FIRST_CERTIFICATE.cert },
  });
  for await (const { role } of player) if (role === "key") break;
  await publisher.close();
});
