import { quoted } from "../kernel/names.ts";
import { type CommandFlag, type FlagValue, UsageError } from "./command.ts";

/** More than machines have processors as a rule. */
const MAX_WORKERS = 256;

/** The flag of commands that serve many players by themselves. */
export const WORKERS_FLAG: CommandFlag = {
  name: "workers",
  kind: "text",
  value: "COUNT",
  description: "Serve with so many workers, each on a core of its own, auto for all cores; 1 unless said otherwise",
};

/**
 * How many workers are wanted; undefined where nothing is said.
 *
 * @throws {UsageError} when it is no such number
 */
export function workersOf(flag: FlagValue | undefined): number | "auto" | undefined {
  if (flag === undefined || flag === "auto") return flag;
  const count = typeof flag === "string" && /^\d{1,3}$/.test(flag) ? Number(flag) : 0;
  if (count >= 1 && count <= MAX_WORKERS) return count;
  const given = typeof flag === "string" ? `--workers is ${quoted(flag)}, but` : "--workers is missing its value; it";
  throw new UsageError([`${given} must be a whole number from 1 to ${MAX_WORKERS}, or "auto".`]);
}
