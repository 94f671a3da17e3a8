import { addHops } from "../../../kernel/sessions/hops.ts";
import { streamKey } from "../../../kernel/names.ts";
import type { Playback } from "../../../kernel/streams/playback.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import type { Publication } from "../../../kernel/streams/publication.ts";
import type { Session } from "../../../kernel/sessions/session.ts";
import type { RefusalCode } from "../../../kernel/reasons.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { QuestionTurns } from "./question_turns.ts";
import { asRefusal } from "./refusal.ts";
import type { PlayQuestion, StreamQuestion } from "./server_events.ts";
import type { ServerMachine } from "./server_machine.ts";
import { type RtmpTarget, rtmpTarget } from "./stream_name.ts";

/** Questions of one peer that may wait for a decision at once, those included that it has taken back meanwhile. */
const MAX_UNDECIDED = 64;

/** What the questions of a connection are decided with. */
export interface QuestionsHost {
  readonly ctx: PluginContext;
  readonly machine: ServerMachine;
  readonly session: Session;
  /** Gives the session the query of the stream that is being decided. */
  setParams(params: URLSearchParams): void;
  /** The peer may publish. */
  publish(streamId: number, publication: Publication): void;
  /** The peer may play. */
  play(question: PlayQuestion, playback: Playback): void;
  /** Sends what the machine has to say. */
  send(): void;
  /** Called when all questions have been decided. */
  onEmpty(): void;
}

/** What a peer asks to publish and to play, until the server has decided; a question that it takes back is not answered. */
export class StreamQuestions {
  readonly #host: QuestionsHost;
  readonly #turns = new QuestionTurns();

  constructor(host: QuestionsHost) {
    this.#host = host;
  }

  /**
   * Has a question decided, now or when its turn has come.
   *
   * @throws {RtmpProtocolError} when too many wait already
   */
  ask(question: StreamQuestion): void {
    const turns = this.#turns;
    if (turns.size === MAX_UNDECIDED) {
      throw new RtmpProtocolError(`The peer asks for more than ${MAX_UNDECIDED} streams at once`);
    }
    const target = this.#target(question.name);
    turns.ask(target.params.toString(), async () => {
      if (this.#host.machine.isOpen(question)) await this.#answer(question, target);
      if (turns.size === 1) this.#host.onEmpty();
    });
  }

  /** What is asked for, with the queries of all places where peers put them, and what stands beside them. */
  #target(streamName: string): RtmpTarget {
    const info = this.#host.machine.connectInfo;
    const target = rtmpTarget(info?.app ?? "", info?.tcUrl ?? "", streamName);
    addHops(target.params, info?.hops);
    return target;
  }

  async #answer(question: StreamQuestion, target: RtmpTarget): Promise<void> {
    this.#host.setParams(target.params);
    if (question.type === "publish") await this.#publish(question, target);
    else await this.#play(question, target);
  }

  async #publish(question: StreamQuestion, { app, name, params }: RtmpTarget): Promise<void> {
    const { ctx, machine, session } = this.#host;
    const { streamId } = question;
    try {
      const publication = await ctx.publish(session, streamKey(app, name, params));
      if (!machine.isOpen(question)) return publication.end();
      this.#host.publish(streamId, publication);
    } catch (error) {
      const refusal = asRefusal(error, ctx.log);
      if (!machine.isOpen(question)) return;
      const code = refusal.code === "bad-name" || refusal.code === "busy" ? "BadName" : "Denied";
      machine.rejectPublish(streamId, `NetStream.Publish.${code}`, refusal.message, refusal.redirect);
      this.#host.send();
      session.close(refusal.closeReason, refusal.message);
    }
  }

  async #play(question: PlayQuestion, { app, name, params }: RtmpTarget): Promise<void> {
    const { ctx, machine, session } = this.#host;
    try {
      const playback = await ctx.play(session, streamKey(app, name, params));
      if (!machine.isOpen(question)) return playback[Symbol.dispose]();
      this.#host.play(question, playback);
    } catch (error) {
      const refusal = asRefusal(error, ctx.log);
      if (!machine.isOpen(question)) return;
      machine.rejectPlay(question.streamId, playStatus(refusal.code), refusal.message, refusal.redirect);
      this.#host.send();
    }
  }
}

/**
 * The status that says why something cannot be played. `NetStream.Play.Failed` is for who may not, `NetStream.Failed` for what
 * is nobody's fault who asks: another server, which has the stream.
 */
function playStatus(code: RefusalCode): string {
  switch (code) {
    case "not-found":
    case "not-live":
    case "bad-name":
      return "NetStream.Play.StreamNotFound";
    case "unreachable":
    case "no-answer":
      return "NetStream.Failed";
    default:
      return "NetStream.Play.Failed";
  }
}
