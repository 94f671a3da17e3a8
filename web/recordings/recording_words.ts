import type { Words } from "../shared/words.ts";
import type { FileFailure } from "./file_player.ts";

/** Says in words what the page of recordings shows while there is no picture; `stream` is whose alone are wanted, if any. */
export function describeRecordings(
  what: "loading" | "none" | "choose" | "opening" | FileFailure,
  stream?: string,
): Words {
  switch (what) {
    case "loading":
      return { tone: "waiting", label: "Loading", title: "Looking for recordings…" };
    case "none":
      return {
        tone: "quiet",
        label: "Nothing recorded",
        title: stream ? `Nothing of ${stream} is recorded` : "Nothing is recorded yet",
        detail: stream
          ? "When it has been live, its recording is here."
          : "Publish a stream: when it has ended, its recording is here.",
      };
    case "choose":
      return { tone: "quiet", label: "", title: "Choose a recording" };
    case "opening":
      return { tone: "waiting", label: "Opening", title: "Opening…" };
    default:
      return describeFailure(what);
  }
}

function describeFailure(failure: FileFailure): Words {
  switch (failure) {
    case "gone":
      return {
        tone: "trouble",
        label: "Gone",
        title: "This recording is not there any more",
        detail: "Recordings are removed when they are old or the disk is full.",
      };
    case "refused":
      return {
        tone: "trouble",
        label: "Refused",
        title: "The server does not let you play this recording",
        detail: "A key may be missing in the address of this page.",
      };
    case "unplayable":
      return {
        tone: "trouble",
        label: "Not playable",
        title: "This browser cannot play this recording",
        detail: "Another browser may; VLC, mpv and ffplay play the file.",
      };
    case "lost":
      return {
        tone: "trouble",
        label: "No connection",
        title: "The connection to the server is lost",
        action: "Try again",
      };
  }
}
