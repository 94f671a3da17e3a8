/// <reference lib="dom" />
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findCommand } from "../setup.ts";

/** Where a browser is, if there is one. */
export const CHROMIUM: string | undefined = findCommand(["chromium", "chromium-browser", "google-chrome"]);

/** What keeps a browser to what a test is about: nothing is fetched, updated or asked by itself. */
export const QUIET: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Pages may play aloud before anybody has touched them. */
export const AUTOPLAY = "--autoplay-policy=no-user-gesture-required";

/** Names that are not the machine's own lead to it all the same. */
export const HOST_RULES = "--host-resolver-rules=MAP *.test 127.0.0.1";

/** How long a browser gets for what a test waits for, in milliseconds: all it does in software is slow when all is busy. */
export const BROWSER_PATIENCE_MS = 60_000;

/** Starts a browser that nobody sees; `more` is what it is to be told besides {@linkcode QUIET}. */
export function launchBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...more], timeout: BROWSER_PATIENCE_MS });
}

/** Opens a page, in a context of its own, that gets the time that it needs. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(BROWSER_PATIENCE_MS);
  return page;
}

/** Waits until an element of the page contains this text; fails with what it says instead, and what `#status` says. */
export async function reads(page: Page, id: string, text: string): Promise<void> {
  const holds = ([id, text]: string[]) => document.getElementById(id)?.textContent.includes(text);
  await page.waitForFunction(holds, [id, text]).catch(async () => {
    const said = (id: string) => page.evaluate((id) => document.getElementById(id)?.textContent, id);
    throw new Error(`#${id} does not say "${text}" but "${await said(id)}"; #status: ${await said("status")}`);
  });
}
