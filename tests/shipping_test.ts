import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse as parseJsonc } from "@std/jsonc";
import { BUILT_IN } from "../built_in.ts";
import manifest from "../deno.json" with { type: "json" };
import { resolveConfig } from "../kernel/config/config.ts";
import { VERSION } from "../kernel/version.ts";
import { bundleArguments, compileArguments, TARGETS } from "../packaging/compile.ts";
import { flvRecord } from "../plugins/flv_record/plugin.ts";
import { metrics } from "../plugins/metrics/plugin.ts";
import { findCommand } from "./setup.ts";
import { manifestSchema } from "./shipping/kubernetes.ts";
import { at, instruction, permissions, read, yaml } from "./shipping/files.ts";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/free_port.ts";
import { bannerPorts, Program, ROOT } from "./support/program.ts";
import { TestServer } from "./support/test_server.ts";

const TASKS: Readonly<Record<string, string>> = manifest.tasks;
const START = permissions(TASKS.start.split(" "));
const ANY_PORTS = { SLUICE_HTTP_PORT: "0", SLUICE_RTMP_PORT: "0" };

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Settings as they would be taken; throws what is wrong with them. */
function checkSettings(code: unknown): void {
  const plugins = BUILT_IN.map((factory) => factory());
  resolveConfig({ plugins, code: code as Record<string, unknown> });
}

Deno.test("no task of the server may do everything, start programs or load libraries", () => {
  const all = Object.entries(TASKS).filter(([, command]) => command.includes(" server.ts "));
  assert(all.length >= 5, "tasks are missing");
  for (const [name, command] of all) {
    const broad = permissions(command.split(" ")).filter((each) =>
      /^(-|--allow-(all|run|ffi|sys|import|hrtime))/.test(each)
    )
      .filter((each) => !/^--allow-(net|read|write|env)$|^--allow-sys=/.test(each));
    assertEquals(broad, [], name);
  }
});

Deno.test("SECURITY.md names the permissions of the server, one by one", () => {
  const named = Array.from(read("SECURITY.md").matchAll(/^\| `(--allow-[^`]+)` \|/gm), ([, permission]) => permission);
  assertEquals(named.sort(), START);
});

Deno.test("the image and the unit may do the same, but write to their folders alone", () => {
  const image = JSON.parse(instruction(read("Dockerfile"), "ENTRYPOINT"));
  const unit = /^ExecStart=(.*)$/m.exec(read("packaging/sluice.service"))![1].split(" ");
  const narrowed = (folder: string) => START.map((each) => each === "--allow-write" ? `${each}=${folder}` : each);
  assertEquals(permissions(image), narrowed("/data"));
  assertEquals(permissions(unit), narrowed("/var/lib/sluice"));
});

Deno.test("the version is the same in the package, the changelog and the manifests", () => {
  assertEquals(/^## (\S+)$/m.exec(read("CHANGELOG.md"))?.[1], VERSION);
  for (const path of ["packaging/kubernetes/origin.yaml", "packaging/kubernetes/edge.yaml"]) {
    assertStringIncludes(read(path), `image: sluice:${VERSION}\n`);
  }
  assert(read("LICENSE").startsWith(manifest.license), "the licence is another");
});

Deno.test("bundled into one module the server runs elsewhere, as in the image: pages, streams, recordings, a graceful end", () =>
  inFolder(async (folder) => {
    const bundle = `${folder}/sluice.js`;
    const bundled = await Program.deno(bundleArguments(bundle)).over();
    assertEquals(bundled.code, 0, bundled.err);
    const { out } = await Program.deno(["run", "-A", bundle, "--version"], { cwd: folder }).over();
    assertEquals(out, `sluice ${VERSION}\n`);
    for (const workers of ["1", "2"]) await imageRuns(bundle, `${folder}/${workers}`, { SLUICE_WORKERS: workers });
    await compiles(bundle, folder);
  }));

/** Runs what the image runs, with the demo, from a folder that has nothing of the repository. */
async function imageRuns(bundle: string, cwd: string, env: Readonly<Record<string, string>>): Promise<void> {
  await Deno.mkdir(cwd);
  const [deno, ...entry]: string[] = JSON.parse(instruction(read("Dockerfile"), "ENTRYPOINT"));
  assertEquals([deno, entry.at(-1)], ["deno", "/usr/local/lib/sluice/sluice.js"]);
  const args = entry.with(-1, bundle).map((word) => word.replace("=/data", `=${cwd}/data`));
  await using server = Program.deno([...args, "demo"], { cwd, env: { ...ANY_PORTS, ...env } });
  const { http } = await bannerPorts(server);
  for (const page of ["", "push.html", "play.html", "dashboard.html"]) {
    const text = await (await fetch(`http://localhost:${http}/${page}`)).text();
    assertStringIncludes(text, "<script", page);
  }
  const live = await fetch(`http://localhost:${http}/live/demo.flv`);
  const { value } = await live.body!.getReader().read();
  assertEquals(new TextDecoder().decode(value?.subarray(0, 3)), "FLV");
  assertEquals(await isHealthy(http), true);
  const recordings = () => namesIn(`${cwd}/data/flv/live/demo`);
  await eventually(() => recordings().length > 0, "nothing is recorded");
  const { code, out, err } = await server.stop("SIGTERM");
  assertEquals(code, 0, out + err);
  assert(recordings().includes("index.flv"), "the recording is not complete");
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

/** Where the compiler has its base, it makes the program; here the runtime stands in for it, and the list of files is looked at. */
async function compiles(bundle: string, folder: string): Promise<void> {
  const args = compileArguments("linux-x64").map((word) => word === "dist/sluice.js" ? bundle : word)
    .map((word) => word.replace("dist/", `${folder}/`));
  const { code, out, err } = await Program.deno(args, { env: { DENORT_BIN: Deno.execPath() } }).over();
  assertEquals(code, 0, err);
  const embedded = (out + err).split("\n").filter((line) => /[└├]/.test(line));
  assertEquals(embedded.length, 1, out + err);
  assertStringIncludes(embedded[0], "sluice.js");
}

/** Runs the image's check of health. */
async function isHealthy(port: number): Promise<boolean> {
  const check = instruction(read("Dockerfile"), "HEALTHCHECK").replace(/^.*? CMD /, "");
  const [program, ...args]: string[] = JSON.parse(check);
  const env = { SLUICE_HTTP_PORT: String(port) };
  return (await Program.start(program, args, { env }).over()).code === 0;
}

Deno.test("the image's check of health says no when nobody answers", async () => {
  assertEquals(await isHealthy(freePort()), false);
});

Deno.test("programs are made for all machines, with the permissions of the server", () => {
  for (const target of Object.keys(TARGETS)) {
    const args = compileArguments(target);
    assertEquals(permissions(args), START);
    assertEquals(args.includes(TARGETS[target]), true);
  }
  assertEquals(compileArguments("windows-x64").includes("dist/sluice-windows-x64.exe"), true);
});

Deno.test("the image runs as a user without rights, with its data in a volume, and takes its signals itself", () => {
  const dockerfile = read("Dockerfile");
  // A number: Kubernetes lets nobody else be another than root.
  assertEquals(instruction(dockerfile, "USER"), "1935:1935");
  assertEquals(instruction(dockerfile, "VOLUME"), "/data");
  assertEquals(instruction(dockerfile, "STOPSIGNAL"), "SIGTERM");
  assertStringIncludes(instruction(dockerfile, "ENV"), "SLUICE_DATA_DIR=/data");
  assertStringIncludes(instruction(dockerfile, "EXPOSE"), "1935 8501");
  assert(JSON.parse(instruction(dockerfile, "ENTRYPOINT")).length > 1, "a shell would stand before the server");
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) {
    assert(/:[\w.-]+$/.test(image), `${image} has no version`);
  }
  const kept = [...dockerfile.matchAll(/^COPY \. \./gm)].length;
  assertEquals(kept, 1);
  for (const path of ["packaging", "web", "types"]) assert(!read(".dockerignore").split("\n").includes(path), path);
});

Deno.test("what the image is built with is there", () => {
  const [, version] = /deno@(\d+\.\d+\.\d+)/.exec(read("Dockerfile"))!;
  const [major, minor] = version.split(".").map(Number);
  assert(major === 2 && minor >= 9, version);
  assertStringIncludes(read("Dockerfile"), "packaging/compile.ts bundle\n");
});

Deno.test("the image brings what the runtime keeps of the module, made with the flags of the server", () => {
  const dockerfile = read("Dockerfile");
  const folder = /\bDENO_DIR=(\S+)/.exec(instruction(dockerfile, "ENV"))![1];
  const made = /^RUN (.*install --directory .*)$/m.exec(dockerfile.replaceAll("\\\n", ""))![1];
  assertStringIncludes(made, ` ${folder}`);
  const warming = /^RUN (.* start --print-config.*)$/m.exec(dockerfile.replaceAll("\\\n", ""))![1].split(/\s+/);
  const entry: string[] = JSON.parse(instruction(dockerfile, "ENTRYPOINT"));
  const v8 = (words: readonly string[]) => words.filter((word) => word.startsWith("--v8-flags="));
  assertEquals(v8(warming), v8(entry));
  assert(warming.includes(entry.at(-1)!), "another module is run");
});

Deno.test("docker-compose.yml: two nodes that know each other by Redis", () => {
  const [compose] = yaml("docker-compose.yml");
  assertEquals(Object.keys(at(compose, "services") as object), ["origin", "edge", "redis"]);
  for (const name of ["origin", "edge"]) {
    const service = at(compose, "services", name);
    const cluster = clusterSettings(at(service, "environment") as Record<string, string>);
    checkSettings({ cluster });
    assertEquals([cluster.redis, cluster.address], ["redis://redis:6379", `http://${name}:8501`]);
    const ports = (at(service, "ports") as string[]).map((port) => port.split(":")[0]);
    assertEquals((cluster.public as string[]).map((address) => new URL(address).port), ports);
    assertEquals([at(service, "read_only"), at(service, "cap_drop")], [true, ["ALL"]]);
    // An image without a build would be asked for at Docker Hub first.
    assertEquals([at(service, "image"), at(service, "build")], ["sluice", "."]);
    const [, data] = (at(service, "volumes") as string[]).map((volume) => volume.split(":"))[0];
    assertEquals(data, instruction(read("Dockerfile"), "VOLUME"));
    for (const port of at(service, "ports") as string[]) assert(/:(1935|8501)$/.test(port), port);
  }
});

/** The settings of a node in variables. */
function clusterSettings(env: Readonly<Record<string, string>>): Record<string, unknown> {
  const own = Object.entries(env).filter(([name]) => name.startsWith("SLUICE_CLUSTER_"));
  return Object.fromEntries(own.map(([name, text]) => {
    return [name.slice("SLUICE_CLUSTER_".length).toLowerCase(), text.startsWith("[") ? JSON.parse(text) : text];
  }));
}

Deno.test("the unit for systemd is one", async () => {
  const unit = read("packaging/sluice.service");
  for (const line of unit.split("\n")) assert(/^(#.*|\[\w+\]|[A-Z]\w+=.*|)$/.test(line), line);
  for (const wanted of ["DynamicUser=yes", "StateDirectory=sluice", "KillSignal=SIGTERM", "Restart=on-failure"]) {
    assertStringIncludes(unit, `\n${wanted}\n`);
  }
  if (!findCommand(["systemd-analyze"])) return;
  const { out, err } = await Program.start("systemd-analyze", ["verify", `${ROOT}packaging/sluice.service`]).over();
  const faults = (out + err).split("\n").filter((line) => line.includes("sluice.service"));
  // On a machine where it is not installed its program is not there.
  assertEquals(faults.filter((line) => !line.includes("/usr/local/bin/deno is not executable")), []);
});

for (const name of ["redis", "origin", "edge"]) {
  Deno.test(`packaging/kubernetes/${name}.yaml has no fields but those of Kubernetes, and what is mounted is there`, () => {
    for (const document of yaml(`packaging/kubernetes/${name}.yaml`)) {
      const manifest = manifestSchema.parse(document);
      if (manifest.kind !== "Deployment" && manifest.kind !== "StatefulSet") continue;
      const { containers: [container], volumes = [] } = manifest.spec.template.spec;
      const claims = manifest.kind === "StatefulSet" ? manifest.spec.volumeClaimTemplates : [];
      const there = [...volumes.map(({ name }) => name), ...claims.map(({ metadata }) => metadata.name)];
      assertEquals((container.volumeMounts ?? []).map(({ name }) => name).sort(), there.sort());
    }
  });
}

Deno.test("the manifests for Kubernetes fit each other and the server", () => {
  const all = ["origin", "edge"].flatMap((name) => yaml(`packaging/kubernetes/${name}.yaml`));
  const named = (kind: string) => all.filter((each) => at(each, "kind") === kind);
  const workloads = [...named("StatefulSet"), ...named("Deployment")];
  assertEquals(workloads.map((each) => at(each, "metadata", "name")), ["sluice-origin", "sluice-edge"]);
  for (const workload of workloads) {
    const labels = at(workload, "spec", "template", "metadata", "labels");
    assertEquals(at(workload, "spec", "selector", "matchLabels"), labels);
    const container = at(workload, "spec", "template", "spec", "containers", 0);
    assertEquals(at(container, "readinessProbe", "httpGet", "path"), "/readyz");
    assertEquals(at(container, "livenessProbe", "httpGet", "path"), "/healthz");
    const service = named("Service").find((each) => at(each, "metadata", "name") === at(workload, "metadata", "name"));
    assertEquals(at(service, "spec", "selector"), labels);
  }
  const settings = parseJsonc(String(at(named("ConfigMap")[0], "data", "sluice.jsonc"))) as Record<string, object>;
  const stores = workloads.map((workload) => {
    const container = at(workload, "spec", "template", "spec", "containers", 0);
    const variables = (at(container, "env") as { name: string; value?: string }[]).filter(({ value }) => value);
    const own = clusterSettings(Object.fromEntries(variables.map(({ name, value }) => [name, value!])));
    const address = String(own.address);
    assertEquals(address, "http://$(POD_IP):8501");
    const isEdge = at(workload, "metadata", "name") === "sluice-edge";
    const cluster = { ...isEdge ? settings.cluster : {}, ...own, address: address.replace("$(POD_IP)", "10.0.0.5") };
    checkSettings({ ...isEdge ? settings : {}, cluster });
    return String((cluster as Record<string, unknown>).redis);
  });
  const [redis] = yaml("packaging/kubernetes/redis.yaml").filter((each) => at(each, "kind") === "Service");
  assertEquals(stores.map((address) => new URL(address).hostname), Array(2).fill(at(redis, "metadata", "name")));
  assertEquals(at(named("HorizontalPodAutoscaler")[0], "spec", "scaleTargetRef", "name"), "sluice-edge");
  const [{ resources }] = yaml("packaging/kubernetes/kustomization.yaml") as { resources: string[] }[];
  assertEquals(resources, ["redis.yaml", "origin.yaml", "edge.yaml"]);
});

Deno.test("all that the dashboard for Grafana and the alerts ask for is in a scrape", async () => {
  const dashboard = JSON.parse(read("docs/grafana.json"));
  const [{ groups: [{ rules }] }] = yaml("packaging/alerts.yml") as [{ groups: [{ rules: { expr: string }[] }] }];
  const alerts = rules.map(({ expr }) => expr).join("\n");
  const named = (text: string) => text.match(/sluice_[a-z_]+/g) ?? [];
  const asked = new Set([...named(JSON.stringify(dashboard)), ...named(alerts)]);
  assert(asked.size > 15 && named(alerts).length >= rules.length, "they ask for little");
  await using server = await TestServer.start({ late: [metrics({ open: true })] });
  const scraped = await (await server.server.request("/metrics")).text();
  const types = new Set(Array.from(scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name]) => name));
  assertEquals([...asked].filter((name) => !types.has(name.replace(/_bucket$/, ""))), []);
  const ids = dashboard.panels.map(({ id }: { id: number }) => id);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("two servers do not write to one data folder, whether the first one stops or is killed", () =>
  inFolder(async (folder) => {
    const env = { ...ANY_PORTS, SLUICE_DATA_DIR: folder };
    await using first = Program.server(["start"], { env });
    await bannerPorts(first);
    const pid = (await Deno.readTextFile(`${folder}/.lock`)).trim();
    const second = await Program.server(["start"], { env }).over();
    assertEquals([second.code, lastLine(second.err)], [
      1,
      `server.ts: Cannot use the data folder ${folder}: another server, process ${pid}, writes there`,
    ]);
    await using reader = Program.server(["files", "127.0.0.1", "0", "--data-dir", folder]);
    await reader.until(/serves the files/);
    first.kill("SIGKILL");
    await first.ended;
    await using third = Program.server(["start"], { env });
    await bannerPorts(third);
  }));

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)!;
}

Deno.test("a server in a program that has the folder's lock says the same", () =>
  inFolder(async (dataDir) => {
    await using first = await TestServer.start({ late: [flvRecord()], config: { dataDir } });
    assert(first.port > 0);
    const failure = await TestServer.start({ late: [flvRecord()], config: { dataDir } }).catch((error: Error) => error);
    assertStringIncludes((failure as Error).message, "writes there");
    await using reader = await TestServer.start({ config: { dataDir } });
    assert(reader.port > 0);
  }));

Deno.test("publishing finds nothing wrong with the package", async () => {
  const { code, err } = await Program.deno(["publish", "--dry-run", "--allow-dirty", "--no-check"]).over();
  assertEquals(code, 0, err.slice(-4000));
});
