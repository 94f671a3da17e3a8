import type { PluginContext } from "../../kernel/plugin.ts";
import { liveAnswer } from "./live.ts";
import { assetTexts, embedShell, pages as pageList, shell } from "./pages.ts";
import { siteRoutes } from "./site.ts";
import type { PagesSettings } from "./plugin.ts";

/** How long one answer about what is live serves all who ask, in milliseconds. */
const ANSWER_MS = 500;

/** Opens the routes of the pages and of what they ask. */
export function setUp(ctx: PluginContext, { rtmpPort, embed }: PagesSettings): void {
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
}

function rtmpPortOf(addresses: readonly { readonly name: string; readonly url: string }[]): number | null {
  const address = addresses.find(({ name }) => name === "rtmp");
  return address ? Number(new URL(address.url).port) : null;
}
