// Writes the tables of docs/configuration.md from the settings' schema.
import { BUILT_IN, FULL_SET } from "../built_in.ts";
import { describeConfig, type PluginDeclaration, type Setting, settingsKey } from "../kernel/config/config.ts";
import { allowedText } from "../kernel/config/words.ts";

/** The page that the tables stand in. */
export const CONFIGURATION_PAGE: URL = new URL("./configuration.md", import.meta.url);

const START = "<!-- settings: written by deno task docs -->\n";
const END = "<!-- end of settings -->\n";

/** The page with the tables as they are to be. Throws a `TypeError` when the marks between which they stand are gone. */
export function withSettings(page: string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new TypeError(`The page has no ${START.trim()} followed by ${END.trim()}`);
  return page.slice(0, start + START.length) + tables().join("\n") + page.slice(end);
}

function tables(): string[] {
  const plugins = BUILT_IN.map((factory) => ({ ...factory(), enabledByDefault: FULL_SET.includes(factory) }));
  const sections = Map.groupBy(describeConfig(plugins), ({ path }) => path.length > 1 ? path[0] : "");
  const parts = [...sections].flatMap(([key, settings]) => [
    "",
    `### ${title(key, plugins)}`,
    "",
    "| setting | variable | is | default | meaning |",
    "|---|---|---|---|---|",
    ...settings.map(row),
  ]);
  return [...parts, "", ""];
}

function title(key: string, plugins: readonly PluginDeclaration[]): string {
  if (key === "") return "The server";
  const plugin = plugins.find(({ name }) => settingsKey(name) === key);
  return plugin ? `Plugin \`${plugin.name}\`` : `\`${key}\``;
}

function row({ path, env, schema, description, secret, ...setting }: Setting): string {
  const shown = secret || setting.default === undefined ? "" : `\`${JSON.stringify(setting.default)}\``;
  const cells = [`\`${path.join(".")}\``, `\`${env}\``, allowedText(schema) ?? "anything", shown, description];
  return `| ${cells.map((cell) => cell.replace(/\.$/, "").replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.main) {
  await Deno.writeTextFile(CONFIGURATION_PAGE, withSettings(await Deno.readTextFile(CONFIGURATION_PAGE)));
}
