import type { Clock } from "../../kernel/clock.ts";
import { isViewerPass, VIEWER_PASS_NAME } from "../shared/viewer_pass.ts";
import { ABSENT, type Answer, type Applicant, type Way } from "./way.ts";

/**
 * Who was let in to play a stream, and has a pass of it, is let in again. Protocols that are made of many requests issue
 * passes; the names of what they serve stay the same for everybody.
 */
export class ViewerPasses implements Way {
  readonly needs = "";
  readonly hasPasswords = false;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A pass that does not count is as none: what the viewer was let in with first may stand beside it. */
  check({ session, stream }: Applicant): Answer {
    const pass = session.params.get(VIEWER_PASS_NAME);
    if (!pass || !isViewerPass(pass, stream, this.#clock.date())) return ABSENT;
    return { says: "yes", credential: undefined };
  }
}
