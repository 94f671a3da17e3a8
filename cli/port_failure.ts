import { PortError } from "../kernel/front/front.ts";
import { EXIT_FAILURE } from "./command.ts";
import type { Host } from "./host.ts";

/** Says in a sentence that a port cannot be opened, and gives the exit code; throws what is anything else. */
export function portFailure(host: Host, error: unknown): number {
  if (!(error instanceof PortError)) throw error;
  host.err(`${error.message}.`);
  return EXIT_FAILURE;
}
