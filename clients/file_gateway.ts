import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import { problemAnswer } from "../kernel/front/problem.ts";
import { accessLog } from "../plugins/files/access_log.ts";
import { files } from "../plugins/files/plugin.ts";
import { pages } from "../plugins/pages/plugin.ts";

/** What is found nowhere need not be looked for in another isolate. */
const nothingElse = definePlugin({
  name: "nothing-else",
  setup(ctx) {
    ctx.http.all("*", (c) => problemAnswer(c, 404, "There is nothing at this address"));
  },
});

/**
 * The plugins that serve a data directory by themselves, each in workers too: they need nothing but the disk. `write` takes a
 * line for each request at its end.
 */
export function filePlugins(write: (line: string) => void): readonly Plugin[] {
  return [accessLog(write)(), files(), pages(), nothingElse()].map((plugin) => ({ ...plugin, inWorkers: true }));
}
