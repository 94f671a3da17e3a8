import { type Context, Hono } from "hono";
import { Asset } from "./asset.ts";
import { composePage, type Page } from "./compose.ts";

/** What a site is made of. */
export interface SiteSource {
  readonly shell: string;
  /** What stands around a page that others show in a frame; without one, none can be. */
  readonly embedShell?: string;
  readonly pages: readonly Page[];
  /** The texts of the assets, by name; the name's end says the type. */
  readonly assetTexts: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** Pages load from their own server only, run no script but ours, and are framed by nobody else unless they are made for it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
];

/** The same for pages whose libraries run WebAssembly in a worker made of a text of their own. */
const WASM_WORKER_POLICY = [
  ...POLICY.map((directive) => directive === "script-src 'self'" ? `${directive} 'wasm-unsafe-eval'` : directive),
  "worker-src 'self' blob:",
];

/** The same for pages that any site may show in a frame: there is nothing to click in them but a player. */
const EMBED_POLICY = POLICY.map((directive) =>
  directive.startsWith("frame-ancestors") ? "frame-ancestors *" : directive
);

function pageHeaders(policy: readonly string[]): Record<string, string> {
  return { "content-security-policy": policy.join("; "), "referrer-policy": "same-origin" };
}

/** The routes of the pages, the first of them also under `/`, and of their assets under names that change with them. */
export function siteRoutes({ shell, embedShell, pages, assetTexts }: SiteSource): Hono {
  const assets = new Map(Object.entries(assetTexts).map(([name, text]) => namedAsset(name, text)));
  const urls = new Map([...assets].map(([url, { name }]) => [name, url]));
  const app = new Hono();
  for (const [url, { asset }] of assets) app.get(url, (c) => asset.answer(c.req.raw.headers));
  const documentOf = (shell: string, page: Page, policy: readonly string[]) => {
    const document = composePage(shell, page, pages, (name) => urlOf(urls, name));
    return new Asset(document, TYPES.html, "revalidate", pageHeaders(policy));
  };
  for (const page of pages) {
    const whole = documentOf(shell, page, page.needs === "wasm-worker" ? WASM_WORKER_POLICY : POLICY);
    const embedded = embedShell && page.isEmbeddable ? documentOf(embedShell, page, EMBED_POLICY) : whole;
    const answer = (c: Context) => (c.req.query("embed") === undefined ? whole : embedded).answer(c.req.raw.headers);
    for (const path of page === pages[0] ? [page.path, "/"] : [page.path]) app.get(path, answer);
  }
  return app;
}

function namedAsset(name: string, text: string): [url: string, { name: string; asset: Asset }] {
  const dot = name.lastIndexOf(".");
  const [base, extension] = [name.slice(0, dot), name.slice(dot + 1)];
  if (!Object.hasOwn(TYPES, extension)) throw new TypeError(`Cannot serve ${name}: its type is not known`);
  const asset = new Asset(text, TYPES[extension], "immutable");
  return [`/assets/${base}.${asset.tag}.${extension}`, { name, asset }];
}

function urlOf(urls: ReadonlyMap<string, string>, name: string): string {
  const url = urls.get(name);
  if (url === undefined) throw new ReferenceError(`Cannot compose a page: there is no asset "${name}"`);
  return url;
}
