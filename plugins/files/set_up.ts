import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { CORS, PREFLIGHT } from "../shared/serving/answer.ts";
import { ResourceServer } from "../shared/serving/resource_server.ts";
import { SharedFiles } from "../shared/serving/shared_files.ts";
import { ServedFolder } from "./folder.ts";
import { RecordingList } from "../shared/recordings/recording_list.ts";
import { answerList } from "./list_answer.ts";
import { serveFile } from "./serve_file.ts";
import { TOP_FOLDERS } from "../shared/recordings/served_path.ts";
import { WrittenFiles } from "../shared/recordings/written_files.ts";

/** Opens the routes to what the data folder holds. */
export function setUp(ctx: PluginContext): void {
  const { clock, dataDir, http } = ctx;
  const shared = new SharedFiles(ctx.files, clock);
  const server = new ResourceServer(clock, ctx.stallMs, ctx.log);
  ctx.defer(async () => {
    server[Symbol.dispose]();
    await shared[Symbol.asyncDispose]();
  });
  const written = new WrittenFiles(ctx);
  const serving = { clock, shared, server, written, folder: new ServedFolder(ctx.files, dataDir) };
  for (const top of TOP_FOLDERS) {
    http.get(`/${top}/*`, async (c, next) => {
      const answer = await serveFile(c, serving);
      if (answer) return answer;
      await next();
      if (c.res.status !== 404) return;
      for (const [name, value] of Object.entries(CORS)) c.header(name, value);
    });
    http.options(`/${top}/*`, (c) => c.body(null, 204, PREFLIGHT));
  }
  const list = new RecordingList(ctx.files, dataDir, written, clock);
  http.get("/api/v1/files", (c) => answerList(c, list));
}
