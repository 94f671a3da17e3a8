import { HOPS_PROPERTY } from "../../../kernel/sessions/hops.ts";
import type { AmfObject } from "../../../media/amf/amf_value.ts";
import { CAPS_MULTITRACK } from "../wire/capabilities.ts";
import { type Command, objectArgument, textArgument } from "../wire/command.ts";
import type { ServerMachine } from "./server_machine.ts";

/** Answers one command of a peer. */
export type CommandHandler = (machine: ServerMachine, command: Command) => void;

/** The commands that encoders and players send; others with a transaction get an empty result. */
export const COMMANDS: Readonly<Record<string, CommandHandler | undefined>> = Object.assign(
  Object.create(null),
  {
    connect(machine, command) {
      const given = objectArgument(command, 0);
      machine.askConnect(command.transaction, {
        app: text(given, "app"),
        tcUrl: text(given, "tcUrl"),
        pageUrl: text(given, "pageUrl") || undefined,
        flashVer: text(given, "flashVer") || undefined,
        hops: text(given, HOPS_PROPERTY) || undefined,
        isPublisher: text(given, "type") === "nonprivate",
        knowsTracks: (Number(given.capsEx) & CAPS_MULTITRACK) !== 0,
      });
    },
    createStream: (machine, command) => machine.replies.result(command, machine.openStream()),
    releaseStream: (machine, command) => machine.replies.result(command),
    FCPublish(machine, command) {
      machine.replies.result(command);
      machine.replies.fcPublish(textArgument(command, 1));
    },
    FCUnpublish(machine, command) {
      const name = withoutQuery(textArgument(command, 1));
      for (const [streamId, stream] of machine.streams) {
        const isMeant = name === "" || name === withoutQuery(stream.name);
        if (isMeant && stream.use === "publishing") machine.stop(streamId);
      }
      machine.replies.result(command);
    },
    FCSubscribe: (machine, command) => machine.replies.result(command),
    publish(machine, command) {
      if (isEnd(machine, command)) return machine.stop(command.streamId);
      machine.ask({ type: "publish", streamId: command.streamId, name: textArgument(command, 1) });
    },
    play(machine, command) {
      if (isEnd(machine, command)) return machine.stop(command.streamId);
      play(machine, command, textArgument(command, 1), command.values[4] !== false && command.values[4] !== 0);
    },
    play2: (machine, command) => play(machine, command, text(objectArgument(command, 1), "streamName"), true),
    pause,
    pauseRaw: pause,
    seek(machine, command) {
      machine.replies.status(
        command.streamId,
        "status",
        "NetStream.Seek.Notify",
        "A live stream has no other place to go to",
      );
    },
    receiveAudio: (machine, command) => receive(machine, command, "audio"),
    receiveVideo: (machine, command) => receive(machine, command, "video"),
    closeStream: (machine, command) => machine.stop(command.streamId),
    deleteStream(machine, command) {
      const streamId = Number(command.values[1] ?? command.streamId);
      machine.stop(streamId);
      machine.streams.delete(streamId);
    },
    getStreamLength: (machine, command) => machine.replies.result(command, 0),
  } satisfies Record<string, CommandHandler>,
);

function play(machine: ServerMachine, { streamId }: Command, name: string, reset: boolean): void {
  machine.ask({ type: "play", streamId, name, reset });
}

/** Flash's `publish(false)` and `play(false)` end what the stream is used for; others without a name send false too. */
function isEnd(machine: ServerMachine, { streamId, values }: Command): boolean {
  return values[1] === false && (machine.streams.get(streamId)?.use ?? "idle") !== "idle";
}

function pause(machine: ServerMachine, { streamId, values }: Command): void {
  const isPaused = values[1] === true;
  machine.tell({ type: "pause", streamId, isPaused });
  const code = isPaused ? "NetStream.Pause.Notify" : "NetStream.Unpause.Notify";
  machine.replies.status(streamId, "status", code, isPaused ? "Paused" : "Playing");
}

function receive(machine: ServerMachine, command: Command, kind: "audio" | "video"): void {
  machine.tell({ type: "receive", streamId: command.streamId, kind, isOn: command.values[1] !== false });
}

/** Encoders name what they finish with or without the key. */
function withoutQuery(name: string): string {
  return name.split("?", 1)[0];
}

function text(object: AmfObject, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : "";
}
