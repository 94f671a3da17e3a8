import { assertEquals } from "@std/assert";
import manifest from "../deno.json" with { type: "json" };
import { permissions } from "./shipping/files.ts";
import { bannerPorts, Program, ROOT } from "./support/program.ts";

/** What a plugin tries that has got into the server, and the permission that it lacks for it. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  "await new Deno.Command('/bin/true').output()": "--allow-run",
  "Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {})": "--allow-ffi",
  "Deno.hostname()": "--allow-sys",
  "Deno.networkInterfaces()": "--allow-sys",
  "await Deno.writeTextFile(`${ELSEWHERE}/x`, '')": "--allow-write",
  "await Deno.remove(`${ELSEWHERE}/y`)": "--allow-write",
  "await import('https://example.com/x.ts')": "--allow-import",
};

function pluginThatTries(elsewhere: string): string {
  const attempts = Object.keys(ATTEMPTS).map((attempt) => `async () => { ${attempt} }`);
  return `
const ELSEWHERE = ${JSON.stringify(elsewhere)};
async function said(attempt) {
  try {
    await attempt();
    return "done";
  } catch (error) {
    return /--allow-[a-z]+/.exec(error.message)?.[0] ?? error.message;
  }
}
export default {
  name: "intruder",
  async setup(ctx) {
    const answers = [];
    for (const attempt of [${attempts}]) answers.push(await said(attempt));
    ctx.log.info("tried " + JSON.stringify(answers));
  },
};
`;
}

Deno.test("a plugin in the server starts no program, loads no library, learns no more of the machine and writes to the data folder alone", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const name of ["data", "elsewhere"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/elsewhere/y`, "");
    await Deno.writeTextFile(`${folder}/intruder.js`, pluginThatTries(`${folder}/elsewhere`));
    const allowed = permissions(manifest.tasks.start.split(" "))
      .map((each) => each === "--allow-write" ? `${each}=${folder}/data` : each);
    const plugins = ["--plugins", `rtmp,http-flv,pages,${folder}/intruder.js`];
    const ports = ["--http-port", "0", "--rtmp-port", "0", "--data-dir", `${folder}/data`];
    const args = ["run", "--no-prompt", "--no-check", ...allowed, `${ROOT}server.ts`, "start", ...plugins, ...ports];
    await using server = Program.deno(args);
    await bannerPorts(server);
    const [, answers] = await server.until(/"message":"tried (\[.*?\])"/, "err");
    assertEquals(JSON.parse(answers.replaceAll('\\"', '"')), Object.values(ATTEMPTS));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
