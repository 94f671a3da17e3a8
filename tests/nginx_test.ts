import { assertEquals } from "@std/assert";
import { findCommand } from "./setup.ts";
import { read } from "./shipping/files.ts";
import { Program } from "./support/program.ts";

/** nginx as packaging/nginx.conf says, in front of a server that answers with the headers of what it is asked. */
class Front implements AsyncDisposable {
  readonly #folder: string;
  readonly #behind: Deno.HttpServer<Deno.NetAddr>;
  readonly #nginx: Program;

  private constructor(folder: string, behind: Deno.HttpServer<Deno.NetAddr>, nginx: Program) {
    this.#folder = folder;
    this.#behind = behind;
    this.#nginx = nginx;
  }

  static async start(): Promise<Front> {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    const behind = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const headers = { "cache-control": "public, max-age=60" };
      return Response.json(Object.fromEntries(request.headers), { headers });
    });
    const config = read("packaging/nginx.conf").replace("/var/cache/nginx/sluice", `${folder}/cache`)
      .replace("server 127.0.0.1:8501", `server 127.0.0.1:${behind.addr.port}`)
      .replace("listen 8080", `listen unix:${folder}/socket`)
      // Over this socket everybody is the machine itself.
      .replace("allow 127.0.0.1", "allow unix:");
    await Deno.writeTextFile(`${folder}/nginx.conf`, config);
    const globals = `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice;`;
    const args = ["-e", "stderr", "-p", folder, "-c", `${folder}/nginx.conf`, "-g", globals];
    const nginx = Program.start(findCommand(["nginx"]) ?? "nginx", args);
    await nginx.until(/OS:/, "err");
    return new Front(folder, behind, nginx);
  }

  /** What the server behind is told when a path is asked for: its headers. */
  async told(path: string, ...headers: readonly string[]): Promise<Record<string, string>> {
    using socket = await Deno.connect({ transport: "unix", path: `${this.#folder}/socket` });
    const lines = [`GET ${path} HTTP/1.0`, "Host: media.example", "X-Forwarded-For: made.up", ...headers, "", ""];
    await socket.write(new TextEncoder().encode(lines.join("\r\n")));
    const answer = await new Response(socket.readable).text();
    return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nginx[Symbol.asyncDispose]();
    await this.#behind.shutdown();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test("behind nginx the server is told of everybody who asks, whatever they ask for", async () => {
  await using front = await Front.start();
  const paths = [
    "/hls/live/cam/index.m3u8",
    "/hls/live/cam/1.ts",
    "/flv/live/cam/index.flv",
    "/api/v1/streams",
    "/live/cam.flv",
  ];
  for (const path of paths) {
    const { host, "x-forwarded-for": address, "x-forwarded-proto": scheme } = await front.told(path);
    assertEquals([path, host, address, scheme], [path, "media.example", "unix:", "http"]);
  }
});

Deno.test("nginx passes on that a player asks for a WebSocket, and opens it for nobody else", async () => {
  await using front = await Front.start();
  const { upgrade, connection } = await front.told("/live/cam.flv", "Upgrade: websocket", "Connection: Upgrade");
  assertEquals([upgrade, connection], ["websocket", "upgrade"]);
  assertEquals((await front.told("/live/cam.flv")).upgrade, undefined);
});
