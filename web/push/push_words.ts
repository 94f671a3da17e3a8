import type { Words } from "../shared/words.ts";
import type { UplinkStatus } from "./upload/uplink.ts";

/** What is known of a publication. */
export interface PublicationState {
  readonly status: UplinkStatus;
  /** Whether the server lists the stream as live, so that it has surely let it in. */
  readonly isListed: boolean;
}

/** Says in words where a publication is; `title` is a line below the picture. */
export function describePublication({ status: { phase, words }, isListed }: PublicationState): Words {
  switch (phase) {
    case "idle":
      return { tone: "quiet", label: "Not live" };
    case "connecting":
      return { tone: "waiting", label: "Connecting", title: words && `${words}. Trying again…` };
    case "open":
      return isListed ? { tone: "live", label: "On air" } : { tone: "waiting", label: "Connecting" };
    case "waiting":
      return { tone: "trouble", label: "Reconnecting", title: `${words}. Trying again…` };
    case "refused":
      return { tone: "trouble", label: "Refused", title: words };
  }
}

/** What this browser lacks to publish from a page, in words; undefined when it lacks nothing. */
export function publishObstacle(
  scope: { readonly isSecureContext: boolean },
): { title: string; detail: string } | undefined {
  if (!scope.isSecureContext) {
    return {
      title: "This page needs HTTPS",
      detail: "Browsers give camera, microphone and screen only to pages that come over HTTPS or from localhost.",
    };
  }
  const needed = ["VideoEncoder", "AudioEncoder", "AudioWorkletNode"];
  if (needed.every((name) => name in scope)) return undefined;
  return {
    title: "This browser cannot encode",
    detail: "A current Chrome, Edge or Safari can, and Firefox on a computer; OBS and ffmpeg publish as well.",
  };
}

/** Why a camera, microphone or screen was not given, in words. */
export function captureFault(error: unknown): string {
  const { name, message } = error as Error;
  switch (name) {
    case "NotAllowedError":
      return "The browser was not allowed to use it. Allow it next to the address of this page, then try again.";
    case "NotFoundError":
      return "There is no such device.";
    case "NotReadableError":
      return "The device is in use by another program.";
    case "OverconstrainedError":
      return "The device that was chosen is not there any more. Choose another.";
    default:
      return message || String(error);
  }
}
