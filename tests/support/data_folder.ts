import { dirname, join } from "@std/path";
import { definePlugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { CountingFiles } from "./counting_files.ts";
import { TestServer, type TestServerOptions } from "./test_server.ts";
import { files } from "../../plugins/files/plugin.ts";

/** Long enough ago, for a server whose time stands still on 2026-01-01, to be finished. */
const LONG_AGO: Date = new Date("2025-12-31T10:00:00Z");

/** The same as HTTP has it. */
export const LONG_AGO_HTTP = "Wed, 31 Dec 2025 10:00:00 GMT";

/** A data directory of a test and the server that serves it. */
export class DataFolder implements AsyncDisposable {
  readonly disk = new CountingFiles();
  #server?: TestServer;
  #ctx?: PluginContext;

  private constructor(readonly path: string) {}

  /** Starts a server with an empty data directory. */
  static async start(options: TestServerOptions = {}): Promise<DataFolder> {
    const folder = new DataFolder(await Deno.realPath(await Deno.makeTempDir()));
    const { late = [], config } = options;
    const spy = definePlugin({ name: "spy", setup: (ctx) => void (folder.#ctx = ctx) })();
    folder.#server = await TestServer.start({
      ...options,
      late: [...late, files(), spy],
      config: { dataDir: folder.path, ...config },
      files: folder.disk.files,
    });
    return folder;
  }

  get server(): TestServer {
    if (!this.#server) throw new TypeError("The server has not been started");
    return this.#server;
  }

  /** A plugin's view of the server. */
  get ctx(): PluginContext {
    if (!this.#ctx) throw new TypeError("The server has not been started");
    return this.#ctx;
  }

  /** Writes a file, by default long ago. */
  async write(path: string, content: Uint8Array | string, modified: Date = LONG_AGO): Promise<void> {
    const at = join(this.path, path);
    await Deno.mkdir(dirname(at), { recursive: true });
    await Deno.writeFile(at, typeof content === "string" ? new TextEncoder().encode(content) : content);
    await Deno.utime(at, modified, modified);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await Deno.remove(this.path, { recursive: true });
  }
}
