// Runs all tests: makes sure that the programs they need are there, then says in one line how it went.
import { missingPrograms, provide } from "./setup.ts";

const missing = missingPrograms();
if (missing.length > 0 && !await provide(missing)) Deno.exit(1);

const command = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--quiet", ...Deno.args],
  stdout: "piped",
  stderr: "inherit",
});
const child = command.spawn();
const decoder = new TextDecoder();
let tail = "";
for await (const bytes of child.stdout) {
  await Deno.stdout.write(bytes);
  tail = (tail + decoder.decode(bytes, { stream: true })).slice(-2000);
}
const { code } = await child.status;
// deno-lint-ignore no-control-regex
const summary = /(\d+) passed.*?\| (\d+) failed/.exec(tail.replace(/\x1b\[[0-9;]*m/g, ""));
if (summary) console.log(`${summary[1]} passed, ${summary[2]} failed`);
Deno.exit(code);
