import type { Hono, MiddlewareHandler } from "hono";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { liveAnswer } from "./live.ts";
import type { PagesSettings } from "./plugin.ts";

/** How long one answer about what is live serves all who ask, in milliseconds. */
const ANSWER_MS = 500;

/** Where pages and what they load may be. */
const PAGE_PATHS = ["/", "/:page{[^/]+\\.html}", "/assets/*"];

/** Opens the routes of the pages and of what they ask. */
export function setUp(ctx: PluginContext, { rtmpPort, embed }: PagesSettings): void {
  let port = rtmpPort ?? null;
  let answer = "";
  let answeredAt = -Infinity;
  ctx.on("server:start", ({ addresses }) => {
    port ??= rtmpPortOf(addresses);
    answeredAt = -Infinity;
  });
  const answerPage = pageAnswer(embed);
  for (const path of PAGE_PATHS) ctx.http.get(path, answerPage);
  ctx.http.get("/api/v1/live", (c) => {
    if (ctx.clock.now() - answeredAt >= ANSWER_MS) {
      answer = JSON.stringify(liveAnswer(ctx.streams.values(), port));
      answeredAt = ctx.clock.now();
    }
    return c.body(answer, 200, { "content-type": "application/json", "cache-control": "no-store" });
  });
}

/** Answers for pages. They are loaded with the first that is asked for: many servers are never asked, and they are megabytes. */
function pageAnswer(isEmbeddable: boolean): MiddlewareHandler {
  let site: Promise<Hono> | undefined;
  return async (c, next) => {
    const response = await (await (site ??= openSite(isEmbeddable))).fetch(c.req.raw);
    return response.status === 404 ? await next() : response;
  };
}

async function openSite(isEmbeddable: boolean): Promise<Hono> {
  const { assetTexts, embedShell, pages, shell } = await import("./pages.ts");
  const { siteRoutes } = await import("./site.ts");
  return siteRoutes({ shell, embedShell: isEmbeddable ? embedShell : undefined, pages, assetTexts });
}

function rtmpPortOf(addresses: readonly { readonly name: string; readonly url: string }[]): number | null {
  const address = addresses.find(({ name }) => name === "rtmp");
  return address ? Number(new URL(address.url).port) : null;
}
