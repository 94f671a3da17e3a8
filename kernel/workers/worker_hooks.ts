import { type Events, HookBus } from "../plugin/hooks.ts";
import type { SentArtifact } from "./messages.ts";

/** The bus of a worker: what becomes of files is told in the main isolate, where those are who want to know. */
export class WorkerHooks extends HookBus {
  readonly #send: (word: SentArtifact) => void;

  constructor(send: (word: SentArtifact) => void, ...rest: ConstructorParameters<typeof HookBus>) {
    super(...rest);
    this.#send = send;
  }

  override tell<K extends keyof Events>(name: K, event: Events[K]): void {
    if (name.startsWith("artifact:")) this.#send({ type: "artifact", name, event } as SentArtifact);
    else super.tell(name, event);
  }

  /** Tells here what the main isolate has told. */
  hear({ name, event }: SentArtifact): void {
    super.tell(name, event);
  }
}
