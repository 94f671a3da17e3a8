/// <reference lib="dom" />
import { type Browser, chromium, type Page } from "playwright-core";
import { AUTOPLAY, BROWSER_PATIENCE_MS, CHROMIUM, QUIET } from "./browser.ts";

/** A browser of which only one tab is seen at a time. */
export interface Tabs {
  /** The tab that is seen at first. */
  readonly page: Page;
  /** Brings another tab to the front: nothing of the page is seen any more. */
  hide(): Promise<void>;
  /** Brings the page back to the front. */
  show(): Promise<void>;
}

/**
 * Runs something with a browser as people have it. One that Playwright starts itself takes all its tabs for seen, so that
 * nothing is ever in the background.
 */
export async function withTabs(use: (tabs: Tabs) => Promise<void>): Promise<void> {
  const profile = await Deno.makeTempDir();
  const own = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"];
  const args = [...QUIET, AUTOPLAY, ...own];
  const process = new Deno.Command(CHROMIUM!, { args, stdout: "null", stderr: "piped" }).spawn();
  const log = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const browser = await chromium.connectOverCDP(await addressIn(log), {
      noDefaults: true,
      timeout: BROWSER_PATIENCE_MS,
    });
    const drained = drain(log);
    try {
      await use(await openTabs(browser));
    } finally {
      await (await browser.newBrowserCDPSession()).send("Browser.close");
      await browser.close();
      await Promise.all([process.status, drained]);
    }
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}

/** The address that a browser says people may direct it at. */
async function addressIn(log: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (let { done, value } = await log.read(); !done; { done, value } = await log.read()) {
    text += value;
    const address = /ws:\/\/\S+(?=\s)/.exec(text);
    if (address) return address[0];
  }
  throw new Error(`The browser did not start: ${text}`);
}

async function drain(log: ReadableStreamDefaultReader<string>): Promise<void> {
  for (let { done } = await log.read(); !done; { done } = await log.read());
}

async function openTabs(browser: Browser): Promise<Tabs> {
  const [context] = browser.contexts();
  context.setDefaultTimeout(BROWSER_PATIENCE_MS);
  const page = context.pages()[0] ?? await context.newPage();
  const other = await context.newPage();
  const bring = async (tab: Page, state: DocumentVisibilityState) => {
    await tab.bringToFront();
    await page.waitForFunction((state) => document.visibilityState === state, state, { polling: 100 });
  };
  await bring(page, "visible");
  return { page, hide: () => bring(other, "hidden"), show: () => bring(page, "visible") };
}
