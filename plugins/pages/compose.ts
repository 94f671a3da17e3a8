/** What pages are for, as the navigation says it; its first page stands for a group. */
export type PageGroup = "Watch" | "Recordings" | "Publish" | "Dashboard";

/** A page as it is written: its own part, and what the shell puts around it. */
export interface Page {
  /** `/index.html`. */
  readonly path: string;
  /** Its name in the title and in the navigation. */
  readonly title: string;
  readonly group: PageGroup;
  /** The `<main>` element. */
  readonly main: string;
  /** Assets by name; the shell's own style comes first by itself. */
  readonly styles: readonly string[];
  /** An asset by name, run as a module when the page is there. */
  readonly script: string;
  /** Libraries that the script loads by itself: the name under which it looks for their address, and the asset. */
  readonly libraries: Readonly<Record<string, string>>;
  /** What its libraries need beyond scripts of our own: WebAssembly, in a worker that they make themselves. */
  readonly needs?: "wasm-worker";
  /** Whether other pages may show it in a frame, where it is asked for with `?embed`. */
  readonly isEmbeddable?: boolean;
}

const PLACEHOLDER = /\{\{ (\w+) \}\}/g;
const ASSET_REFERENCE = /\/assets\/([\w.-]+)/g;

/**
 * The document of a page: the shell around it, `pages` as its navigation, in groups, and every `/assets/NAME` replaced by the
 * asset's address.
 *
 * @throws {ReferenceError} when the shell has a placeholder that nothing fills; `assetUrl` throws for unknown assets
 */
export function composePage(
  shell: string,
  page: Page,
  pages: readonly Page[],
  assetUrl: (name: string) => string,
): string {
  const parts: Readonly<Record<string, string>> = {
    title: page.title,
    head: head(page),
    nav: groupLinks(pages, page),
    tabs: tabLinks(pages, page),
    main: page.main.trim(),
  };
  const document = shell.replace(PLACEHOLDER, (_, name) => {
    if (Object.hasOwn(parts, name)) return parts[name];
    throw new ReferenceError(`Cannot compose ${page.path}: the shell has a placeholder "${name}", which nothing fills`);
  });
  return document.replace(ASSET_REFERENCE, (_, name) => assetUrl(name));
}

function head({ styles, script, libraries }: Page): string {
  return [
    ...["shell.css", ...styles].map((name) => `<link rel="stylesheet" href="/assets/${name}">`),
    ...Object.entries(libraries).map(([key, name]) => `<meta name="library:${key}" content="/assets/${name}">`),
    `<script type="module" src="/assets/${script}"></script>`,
  ].join("\n    ");
}

/** The groups, each a link to its first page. */
function groupLinks(pages: readonly Page[], current: Page): string {
  const firsts = pages.filter(({ group }, i) => pages.findIndex((each) => each.group === group) === i);
  return firsts.map(({ path, group }) => link(path, group, group === current.group && "true")).join("");
}

/** The pages of the current group; none when it is alone. */
function tabLinks(pages: readonly Page[], current: Page): string {
  const tabs = pages.filter(({ group }) => group === current.group);
  if (tabs.length < 2) return "";
  const links = tabs.map((each) => link(each.path, each.title, each === current && "page")).join("");
  return `<nav class="tabs" aria-label="${current.group}">${links}</nav>`;
}

function link(path: string, text: string, current: "page" | "true" | false): string {
  return `<a href="${path}"${current ? ` aria-current="${current}"` : ""}>${text}</a>`;
}
