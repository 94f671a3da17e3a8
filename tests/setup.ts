/** A program that the tests with real peers need. */
export interface NeededProgram {
  /** Any of these commands will do; paths are those of files that are no commands. */
  readonly commands: readonly string[];
  readonly debianPackage: string;
}

/** Where distributions put nginx's RTMP module. */
export const NGINX_RTMP: readonly string[] = [
  "/usr/lib/nginx/modules/ngx_rtmp_module.so",
  "/usr/share/nginx/modules/ngx_rtmp_module.so",
];

/** The store that the nodes of a cluster share; Valkey does the same. */
export const REDIS: readonly string[] = ["redis-server", "valkey-server"];

/** Every program that is needed. */
const PROGRAMS: readonly NeededProgram[] = [
  { commands: ["ffmpeg"], debianPackage: "ffmpeg" },
  { commands: ["ffprobe"], debianPackage: "ffmpeg" },
  { commands: ["chromium", "chromium-browser", "google-chrome"], debianPackage: "chromium" },
  { commands: ["openssl"], debianPackage: "openssl" },
  { commands: ["nginx"], debianPackage: "nginx" },
  { commands: NGINX_RTMP, debianPackage: "libnginx-mod-rtmp" },
  { commands: REDIS, debianPackage: "redis-server" },
  // Networks with links that can be cut are for Linux and its administrator; others have theirs on one machine.
  ...(Deno.build.os === "linux" && Deno.uid() === 0 ? [{ commands: ["ip"], debianPackage: "iproute2" }] : []),
];

/** The path of the first of these commands that is on PATH, or of the first of these files. */
export function findCommand(commands: readonly string[]): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  // Debian has servers where only root looks for commands.
  if (Deno.build.os === "linux") folders.push("/usr/sbin");
  for (const command of commands) {
    if (command.startsWith("/") && isFile(command)) return command;
    for (const folder of folders) {
      const path = `${folder}/${command}${Deno.build.os === "windows" ? ".exe" : ""}`;
      if (isFile(path)) return path;
    }
  }
}

/** The programs that are not there. */
export function missingPrograms(): NeededProgram[] {
  return PROGRAMS.filter(({ commands }) => !findCommand(commands));
}

/** Installs what is missing where that is possible (Debian, root); otherwise says what to install. */
export async function provide(missing: readonly NeededProgram[]): Promise<boolean> {
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const mayInstall = Deno.build.os === "linux" && Deno.uid() === 0 && findCommand(["apt-get"]);
  if (mayInstall) {
    console.log(`Installing ${packages.join(" and ")} for the tests with real players`);
    await run("apt-get", ["update", "-qq"]);
    if (await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages])) return true;
  }
  const names = missing.map(({ commands }) => commands[0]).join(", ");
  console.error(
    `The tests need ${names}, not found here. On Debian or Ubuntu: apt-get install ${packages.join(" ")}`,
  );
  return false;
}

async function run(command: string, args: string[]): Promise<boolean> {
  // At this run level the services that come with packages are not started.
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const { success } = await new Deno.Command(command, { args, env, stdout: "null", stderr: "inherit" }).output();
  return success;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
