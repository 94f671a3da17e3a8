import { assertInstanceOf } from "@std/assert";
import { Refusal } from "../reasons.ts";

/** What a request was refused with; fails when it was granted, or failed in another way. */
export async function refusalOf(request: Promise<unknown>): Promise<Refusal> {
  const error = await request.then(() => undefined, (error) => error);
  assertInstanceOf(error, Refusal);
  return error;
}
