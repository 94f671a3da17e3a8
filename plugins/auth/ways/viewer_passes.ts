import { isViewerPass, type PassIssuer, VIEWER_PASS_NAME } from "../../shared/viewer_pass.ts";
import { ABSENT, type Answer, type Applicant, type Way } from "./way.ts";

/**
 * Who was let in to play a stream, and has a pass of it, is let in again. Protocols that are made of many requests issue
 * passes; the names of what they serve stay the same for everybody.
 */
export class ViewerPasses implements Way {
  readonly needs = "";
  readonly hasPasswords = false;
  readonly #issuer: PassIssuer;

  constructor(issuer: PassIssuer) {
    this.#issuer = issuer;
  }

  /** A pass that does not count is as none: what the viewer was let in with first may stand beside it. */
  check({ session, stream }: Applicant): Answer {
    const pass = session.params.get(VIEWER_PASS_NAME);
    if (!pass || !isViewerPass(this.#issuer, pass, stream)) return ABSENT;
    return { says: "yes", credential: undefined };
  }
}
