import { assertEquals } from "@std/assert";
import { flvFile } from "../support/transports/flv_bytes.ts";
import { type BannerPorts, bannerPorts, Program, type ProgramEnd } from "../support/program.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import type { Clone } from "./clone.ts";
import { parseCommandLine } from "./markdown.ts";

/** Runs a command line of a page in a clone, and fails unless it does what the page says. */
export type CommandCheck = (line: string, clone: Clone) => Promise<void>;

/** Checks what a command says that comes to an end. */
export function finishing(check: (end: ProgramEnd) => void): CommandCheck {
  return async (line, { folder }) => {
    await using program = run(line, folder);
    const end = await program.over();
    assertEquals(end.code, 0, end.err);
    check(end);
  };
}

/** Checks a server while it runs, on free ports, and that it stops as it should. */
export function serving(
  check: (ports: BannerPorts, clone: Clone) => Promise<void>,
  replace: Readonly<Record<string, string>> = {},
): CommandCheck {
  return async (line, clone) => {
    const usable = Object.entries(replace).reduce((text, [written, used]) => text.replace(written, used), line);
    await using server = run(usable, clone.folder);
    await check(await bannerPorts(server), clone);
    const { code, out, err } = await server.stop();
    assertEquals(code, 0, out + err);
  };
}

/** Runs a command line in a folder, on free ports where none are given. */
export function run(line: string, cwd: string): Program {
  // npx runs the Deno that npm has; this one will do, and need not be fetched.
  const { env, words } = parseCommandLine(line.replace(/^npx -y /, ""));
  const [program, ...args] = words;
  const ports = { SLUICE_HTTP_PORT: "0", SLUICE_RTMP_PORT: "0" };
  if (program === "deno") return Program.deno(args, { cwd, env: { ...ports, ...env } });
  return Program.start(program, args, { cwd, env });
}

/** Publishes over HTTP to `APP/STREAM`; gives the status, and what was said against it. */
export async function published(port: number, target: string): Promise<[number, string | undefined]> {
  const maker = new StreamMaker();
  const body = flvFile([...maker.head(), ...maker.gop()]) as Uint8Array<ArrayBuffer>;
  const response = await fetch(`http://localhost:${port}/${target}`, { method: "POST", body });
  return [response.status, (await response.json()).detail];
}
