/** A folder of the repository, as far as the layers are concerned. */
type Layer = "media" | "kernel" | "protocols" | "plugins" | "web" | "top";

/** What a layer's files may import besides what lies in their own folder; `top` may import everything. */
const ARROWS: Readonly<Record<Exclude<Layer, "top">, readonly string[]>> = {
  media: ["media"],
  kernel: ["media", "kernel"],
  protocols: ["media", "kernel", "protocols/shared"],
  plugins: ["media", "kernel", "plugins/shared"],
  web: ["media", "web"],
};

/** The plugin that serves the pages holds them, and the shapes of what it answers them. */
const PAGES = { home: "plugins/pages", holds: "web" };

const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

const IMPORT = /\b(?:from|import)\s*\(?\s*(["'])(.*?)\1/g;

/** The source without its comments and, if wanted, without its strings. */
function stripped(source: string, strings: "keep" | "drop"): string {
  return source.replace(COMMENT_OR_STRING, (token) => {
    if (token.startsWith("/")) return " ";
    return strings === "keep" ? token : '""';
  });
}

/** What a module imports or exports from elsewhere, statically, dynamically or for its types alone. */
export function importsOf(source: string): string[] {
  return Array.from(stripped(source, "keep").matchAll(IMPORT), ([, , specifier]) => specifier);
}

function layerOf(path: string): Layer {
  const [folder, ...rest] = path.split("/");
  return rest.length > 0 && folder in ARROWS ? folder as Layer : "top";
}

/** The folder that holds one plugin or one protocol. */
function homeOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Resolves `./x.ts` and `../x.ts` from the file that says it; undefined for packages. */
function resolved(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function faultOf(from: string, specifier: string): string | undefined {
  const layer = layerOf(from);
  if (layer === "top") return undefined;
  const to = resolved(from, specifier);
  if (to === undefined) return layer === "media" ? "which is not of this repository" : undefined;
  const allowed = allowedTo(from, layer);
  return allowed.some((folder) => isWithin(to, folder)) ? undefined : `but may import from ${allowed.join(", ")} alone`;
}

function allowedTo(from: string, layer: Exclude<Layer, "top">): readonly string[] {
  if (layer !== "protocols" && layer !== "plugins") return ARROWS[layer];
  const home = homeOf(from);
  return [...ARROWS[layer], home, ...(home === PAGES.home ? [PAGES.holds] : [])];
}

/** What is wrong with the arrows of a repository, in sentences; `files` holds the sources by their paths. */
export function layerFaults(files: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  for (const [path, source] of files) {
    for (const specifier of importsOf(source)) {
      const fault = faultOf(path, specifier);
      if (fault) faults.push(`${path} imports ${specifier}, ${fault}`);
    }
    if (layerOf(path) === "media" && /\bDeno\b/.test(stripped(source, "drop"))) {
      faults.push(`${path} uses Deno, but runs in browsers too`);
    }
  }
  return faults;
}
