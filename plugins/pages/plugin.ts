import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";
import { liveAnswer } from "./live.ts";
import { assetTexts, embedShell, pages as pageList, shell } from "./pages.ts";
import { siteRoutes } from "./site.ts";

/** How long one answer about what is live serves all who ask, in milliseconds. */
const ANSWER_MS = 500;

/** The settings of the pages. */
type PagesConfig = z.ZodObject<{ rtmpPort: z.ZodOptional<z.ZodInt>; embed: z.ZodDefault<z.ZodBoolean> }>;

const config: PagesConfig = z.object({
  rtmpPort: z.int().min(1).max(65_535).optional()
    .describe("The RTMP port that the pages tell people, where it is not the one the server listens on."),
  embed: z.boolean().default(true)
    .describe("Whether other sites may show the players in a frame, at /index.html?embed and /play.html?embed"),
});

/** Serves the pages and, under `/api/v1/live`, what they need to know. */
export const pages: PluginFactory<PagesConfig> = definePlugin({
  name: "pages",
  config,
  setup(ctx, { rtmpPort, embed }) {
    let port = rtmpPort ?? null;
    let answer = "";
    let answeredAt = -Infinity;
    ctx.on("server:start", ({ addresses }) => {
      port ??= rtmpPortOf(addresses);
      answeredAt = -Infinity;
    });
    ctx.http.route("/", siteRoutes({ shell, embedShell: embed ? embedShell : undefined, pages: pageList, assetTexts }));
    ctx.http.get("/api/v1/live", (c) => {
      if (ctx.clock.now() - answeredAt >= ANSWER_MS) {
        answer = JSON.stringify(liveAnswer(ctx.streams.values(), port));
        answeredAt = ctx.clock.now();
      }
      return c.body(answer, 200, { "content-type": "application/json", "cache-control": "no-store" });
    });
  },
});

export default pages;

function rtmpPortOf(addresses: readonly { readonly name: string; readonly url: string }[]): number | null {
  const address = addresses.find(({ name }) => name === "rtmp");
  return address ? Number(new URL(address.url).port) : null;
}
