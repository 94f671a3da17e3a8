import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { composePage, type Page } from "./compose.ts";

const live: Page = {
  path: "/index.html",
  title: "Live",
  group: "Watch",
  main: `<main><img src="/assets/icon.svg"></main>\n`,
  styles: ["index.css"],
  script: "index.js",
  libraries: { player: "player.js" },
};
const other: Page = { ...live, path: "/other.html", title: "Other" };
const compose = (shell: string) => composePage(shell, live, [live, other], (name) => `/assets/1.${name}`);

Deno.test("the shell is filled with the page's title and main part", () => {
  assertEquals(
    compose("<title>{{ title }}</title>{{ main }}"),
    `<title>Live</title><main><img src="/assets/1.icon.svg"></main>`,
  );
});

Deno.test("the head loads styles and script by their versions, and says where libraries are", () => {
  assertEquals(compose("{{ head }}").split(/\n\s*/), [
    '<link rel="stylesheet" href="/assets/1.shell.css">',
    '<link rel="stylesheet" href="/assets/1.index.css">',
    '<meta name="library:player" content="/assets/1.player.js">',
    '<script type="module" src="/assets/1.index.js"></script>',
  ]);
});

const alone: Page = { ...live, path: "/alone.html", group: "Dashboard" };
const navigation = (shell: string, page: Page) => composePage(shell, page, [live, other, alone], (name) => name);

Deno.test("the navigation links the first page of each group and marks the current group", () => {
  assertEquals(
    navigation("{{ nav }}", other),
    '<a href="/index.html" aria-current="true">Watch</a><a href="/alone.html">Dashboard</a>',
  );
});

Deno.test("the pages of the current group stand beside each other, the current one marked", () => {
  assertEquals(
    navigation("{{ tabs }}", live),
    '<nav class="tabs" aria-label="Watch"><a href="/index.html" aria-current="page">Live</a>' +
      '<a href="/other.html">Other</a></nav>',
  );
  assertEquals(navigation("{{ tabs }}", alone), "");
});

Deno.test("what the page brings is not taken for a placeholder or a replacement pattern", () => {
  const page = { ...live, main: "<main>{{ nav }} $& $1</main>" };
  assertStringIncludes(composePage("{{ main }}", page, [page], String), "{{ nav }} $& $1");
});

Deno.test("a shell with a placeholder that nothing fills is an error that names it", () => {
  assertThrows(() => compose("{{ toString }}"), ReferenceError, '"toString"');
});
