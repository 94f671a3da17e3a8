import { OpenSession } from "../../sessions/session.ts";

/** A session whose counterpart in another isolate has this id. */
export class CopiedSession extends OpenSession {
  override readonly id: string;

  constructor(id: string, ...rest: ConstructorParameters<typeof OpenSession>) {
    super(...rest);
    this.id = id;
  }
}
