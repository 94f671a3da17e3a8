import type { Failure } from "./connection.ts";
import type { PlayerStatus } from "./live_player.ts";
import type { Words } from "../shared/words.ts";

/** Says in words where a player is. */
export function describe(status: PlayerStatus): Words {
  const name = status.path ?? "";
  switch (status.phase) {
    case "idle":
      return idle(status);
    case "connecting":
      return status.isInformed && !status.stream
        ? absent(name)
        : { tone: "waiting", label: "Connecting", title: "Connecting…" };
    case "playing":
      return { tone: "live", label: "Live" };
    case "stalled":
      return stalled(status);
    case "resting":
      return { tone: "quiet", label: "Paused", title: "Paused", action: "Watch live" };
    case "ended":
      return {
        tone: "quiet",
        label: "Ended",
        title: `${name} has ended`,
        detail: "When it comes back, it plays here by itself.",
      };
    case "failed":
      return failed(name, status.failure!);
  }
}

function idle({ isInformed }: PlayerStatus): Words {
  if (!isInformed) return { tone: "waiting", label: "Loading", title: "Looking for live streams…" };
  return {
    tone: "quiet",
    label: "Nothing live",
    title: "Nothing is live yet",
    detail: "Publish a stream, and it plays here by itself.",
  };
}

function absent(name: string): Words {
  return {
    tone: "quiet",
    label: "Offline",
    title: `${name} is not live`,
    detail: "When it starts, it plays here by itself.",
  };
}

function stalled({ stream }: PlayerStatus): Words {
  if (stream?.state !== "interrupted") return { tone: "waiting", label: "Buffering", title: "Waiting for data…" };
  return {
    tone: "waiting",
    label: "Interrupted",
    title: "The publisher lost its connection",
    detail: "The picture goes on when it is back.",
  };
}

function failed(name: string, { kind, detail }: Failure): Words {
  switch (kind) {
    case "absent":
      return absent(name);
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: `The server does not let you play ${name}`,
        detail: detail || "A key may be missing in the address of this page.",
        action: "Try again",
      };
    case "full":
      return {
        tone: "trouble",
        label: "Full",
        title: "The server takes no more viewers just now",
        detail: "Trying again…",
      };
    case "lost":
      return {
        tone: "trouble",
        label: "No connection",
        title: "The connection to the server is lost",
        detail: "Trying again…",
      };
    case "upstream":
      return {
        tone: "trouble",
        label: "Out of reach",
        title: `${name} cannot be had from where it is just now`,
        detail: "Trying again…",
      };
    case "broken":
      return { tone: "trouble", label: "Broken", title: "The stream cannot be decoded", detail: "Trying again…" };
    case "unplayable":
      return unplayable(detail);
  }
}

function unplayable(codec: string): Words {
  const title = codec ? `This browser cannot play ${codec}` : "This browser cannot play live FLV";
  const browsers = codec
    ? "Another browser may"
    : "A current Chrome, Edge, Firefox or Safari can (on iPhones from iOS 17.1)";
  return {
    tone: "trouble",
    label: "Not playable",
    title,
    detail: `${browsers}; VLC, mpv and ffplay play the addresses below.`,
  };
}
