import type { Engine } from "./engine.ts";

const DEBIAN = "debian:bookworm-slim";
const NODE = "node:24-bookworm-slim";
const REDIS = "redis:7-bookworm";

const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Makes images under the names that the Dockerfile and docker-compose.yml are built upon, of Debian's packages and of the
 * Node and the authorities of this machine. They stand in for those of Docker Hub where it cannot be reached. Needs
 * mmdebstrap, and to be root.
 */
export async function makeBases(engine: Engine): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await makeDebian(engine, folder);
    await makeNode(engine, folder);
    await engine.build(named(engine, REDIS), folder, "--file", await write(`${folder}/Redis`, redis()));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeDebian(engine: Engine, folder: string): Promise<void> {
  const left = ["man", "locale", "doc"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  await run("mmdebstrap", ["--quiet", "--variant=minbase", ...left, "bookworm", `${folder}/debian.tar`]);
  await engine.tell("import", `${folder}/debian.tar`, named(engine, DEBIAN));
  await Deno.remove(`${folder}/debian.tar`);
}

async function makeNode(engine: Engine, folder: string): Promise<void> {
  await run("cp", ["-L", await output("sh", ["-c", "command -v node"]), `${folder}/node`]);
  await run("cp", ["-rL", `${await output("npm", ["root", "--global"])}/npm`, `${folder}/npm`]);
  await run("cp", ["-L", AUTHORITIES, `${folder}/authorities.crt`]);
  await engine.build(named(engine, NODE), folder, "--file", await write(`${folder}/Node`, node()));
}

function node(): string {
  const known = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"].map((name) => `${name}=${AUTHORITIES}`);
  return [
    `FROM ${DEBIAN}`,
    "COPY node /usr/local/bin/node",
    "COPY npm /usr/local/lib/node_modules/npm",
    `COPY authorities.crt ${AUTHORITIES}`,
    "RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
    `ENV ${known.join(" ")}`,
    "",
  ].join("\n");
}

function redis(): string {
  return [
    `FROM ${DEBIAN}`,
    "RUN useradd --uid 999 --no-create-home redis \\",
    "    && apt-get update && apt-get install --yes --no-install-recommends redis-server && apt-get clean",
    "USER redis",
    "WORKDIR /tmp",
    // The one of Docker Hub lets others than itself in, too.
    `ENTRYPOINT ["/bin/sh", "-c", "exec \\"$@\\" --protected-mode no", "sh"]`,
    `CMD ["redis-server"]`,
    "",
  ].join("\n");
}

/** What Podman makes itself it keeps under another name than the one that a short name leads to. */
function named(engine: Engine, image: string): string {
  return engine.name === "podman" ? `docker.io/library/${image}` : image;
}

async function write(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, text);
  return path;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args], stdin: "null" }).spawn().status;
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout).trim();
}
